// The stage in words: how each host is and what it has at this moment, a column for
// each strategy. A cell is a button that chooses the host, as a click on it does.

import { element } from "./knobs.js";

// words says how a host is.
function words(host, workload) {
  const count = (n, one) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
  const list = [host.condition, count(host.connections, "connection")];
  if (host.role === "server" && workload === "session") list.push(count(host.sessions, "session"));
  if (host.role === "cache" || host.role === "shield") list.push(count(host.hits, "hit"));
  if (host.role === "firewall") list.push(`${host.refusals.toLocaleString("en")} refused or cut`);
  return list.join(", ");
}

export class Hosts {
  // choose hears of a host, its strategy and the button.
  constructor(box, choose) {
    this.box = box;
    this.choose = choose;
    this.table = element("table");
    box.append(element("div", { className: "scroll" }, this.table));
    box.open = matchMedia("(min-width: 1001px)").matches; // beside the controls there is space
    box.addEventListener("toggle", () => this.last && this.show(...this.last));
  }

  // show writes the words while the box is open; the cells are made anew only when
  // there are others, so that who is at one stays there while a run begins anew.
  show(lanes, workload) {
    this.last = [lanes, workload];
    const there = lanes.length > 0 && lanes.every((l) => l.hosts);
    if (there || lanes.length === 0) this.box.hidden = !there;
    if (!there || !this.box.open) return;
    const key = lanes.map((l) => [l.strategy, ...l.hosts.map((h) => h.name)]).join(";");
    if (key !== this.key) this.build(key, lanes);
    for (const lane of lanes) {
      for (const host of lane.hosts) {
        const button = this.cells.get(`${lane.strategy} ${host.name}`);
        const text = words(host, workload);
        if (button.textContent !== text) button.textContent = text;
      }
    }
  }

  build(key, lanes) {
    this.key = key;
    this.cells = new Map();
    const names = [...new Set(lanes.flatMap((l) => l.hosts.map((h) => h.name)))];
    const head = element("tr", {}, element("td"), ...lanes.map((l) => element("th", { scope: "col", textContent: l.strategy })));
    const rows = names.map((name) => element("tr", {}, element("th", { scope: "row", textContent: name }), ...lanes.map((l) => this.cell(l, name))));
    this.table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  }

  cell({ strategy, hosts }, name) {
    const host = hosts.find((h) => h.name === name);
    if (!host) return element("td");
    const button = element("button", { type: "button" });
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", () => this.choose(host, strategy, button));
    this.cells.set(`${strategy} ${name}`, button);
    return element("td", {}, button);
  }
}
