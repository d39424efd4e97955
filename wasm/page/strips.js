// Under the scrubber and as wide: for each strategy what goes wrong over time,
// and where the run is now.

import { element } from "./knobs.js";

// What a strip shows: the first of these that any strategy has anything of.
const candidates = [
  ["clients.unserved", "clients without service"],
  ["requests.failed", "failed requests in 0.1 s"],
  ["events.delivered", "events received in 0.1 s"],
  ["requests.ok", "requests answered in 0.1 s"],
  ["connections.open", "open connections"],
];

export class Strips {
  // seek hears where in the run a strip was clicked, in milliseconds.
  constructor(into, seek) {
    this.into = into;
    this.seek = seek;
    this.rows = [];
  }

  // show draws the series of runs, over the time until end. Without any it keeps its
  // place free.
  show(runs, end, swatch) {
    this.end = end;
    this.rows = [];
    this.into.style.visibility = runs.length > 0 ? "" : "hidden";
    if (runs.length === 0) return;
    const find = (run, name) => run.series?.find((s) => s.name === name);
    const [name, label] = candidates.find(([name]) => runs.some((r) => find(r, name)?.values.some((v) => v > 0))) ?? [];
    this.into.hidden = !name;
    if (!name) {
      this.into.replaceChildren();
      return;
    }
    const most = Math.max(...runs.flatMap((r) => find(r, name)?.values ?? []));
    const strips = runs.map((run) => {
      const series = find(run, name) ?? { values: [], step_ms: 100 };
      const value = element("b", { textContent: "0" });
      const row = element("div", { className: `strip s-${run.strategy}` }, draw(series, end, most), element("p", {}, swatch(run.strategy), `${run.strategy} `, value));
      row.setAttribute("role", "img");
      const peak = Math.max(0, ...series.values);
      row.setAttribute("aria-label", `${label} under ${run.strategy}: ${peak > 0 ? `at most ${peak}, at ${((series.values.indexOf(peak) + 1) * series.step_ms) / 1000} s` : "none"}`);
      this.rows.push({ series, value });
      row.addEventListener("click", (e) => {
        const box = row.getBoundingClientRect();
        this.seek((end * (e.clientX - box.left)) / box.width);
      });
      return row;
    });
    this.hand = element("i", { className: "hand" });
    this.hand.setAttribute("aria-hidden", "true");
    const head = element("p", { className: "strips-head" }, element("b", { textContent: label }), ` over time, at most ${most.toLocaleString("en")}`);
    this.into.replaceChildren(head, element("div", { className: "strips-rows" }, ...strips, this.hand));
  }

  // time moves the hand, and says the values there.
  time(ms) {
    if (this.rows.length === 0) return;
    this.hand.style.left = `${Math.min(100, (100 * ms) / this.end)}%`;
    for (const { series, value } of this.rows) {
      const text = (series.values[Math.floor(ms / series.step_ms)] ?? 0).toLocaleString("en");
      if (value.textContent !== text) value.textContent = text;
    }
  }
}

// draw is the area under a series.
function draw({ values, step_ms }, end, most) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", `0 0 ${end} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  let path = "M0 100";
  values.forEach((v, i) => {
    if (i * step_ms >= end) return;
    const y = 100 - (96 * v) / most;
    path += `L${i * step_ms} ${y.toFixed(1)}H${Math.min(end, (i + 1) * step_ms)}`;
  });
  const area = document.createElementNS(ns, "path");
  area.setAttribute("d", `${path}V100Z`);
  svg.append(area);
  return svg;
}
