// The page: puts the parts together. An edit (edit.js) is simulated by the
// engine (engine.js), played on the stage (theatre.js), and summed up below it
// (outcome.js).

import * as edits from "./edit.js";
import { compile, start, workers, Failure } from "./engine.js";
import { Theatre } from "./theatre.js";
import { draw as drawKnobs, element } from "./knobs.js";
import { Glossary } from "./glossary.js";
import * as outcome from "./outcome.js";
import { milliseconds, duration, clock } from "./units.js";

const $ = (id) => document.getElementById(id);
const first = "first-look"; // what is shown to whoever comes without a link

// What is going on. Tests read it as protosim.state().
const now = {
  phase: "loading", // then simulating, ready, failed
  edit: null, // what is shown, or being simulated
  good: null, // the last edit that was simulated
  scenario: null, // of good, in full
  yaml: "",
  result: null,
  runs: 0, // simulations that are complete
  verdicts: 0,
  digests: {},
};

let catalogue, glossary, theatre, engine, current;
let history = [];
const theatreOpen = {};

addEventListener("error", (e) => problem(`Something is wrong with the page: ${e.message}`));
addEventListener("unhandledrejection", (e) => problem(`Something is wrong with the page: ${e.reason?.message ?? e.reason}`));

main().catch((e) => {
  now.phase = "failed";
  problem(e.message, e.remedy);
});

async function main() {
  if (typeof WebAssembly !== "object" || !WebAssembly.compileStreaming) {
    $("stage-note").textContent = "";
    throw new Failure("This browser has no WebAssembly, in which the simulator runs.", { remedy: "A browser of the last years has it; some have it switched off. protosim run does the same on the command line." });
  }
  const response = await fetch("catalogue.json");
  if (!response.ok) throw new Failure(`The scenarios cannot be loaded: ${response.status} ${response.statusText}`, { remedy: "Reload the page." });
  catalogue = await response.json();
  glossary = new Glossary(catalogue.metrics, $("meaning"));
  $("version").textContent = `Version ${catalogue.version}.`;
  theatre = new Theatre($("stage"), $("stage-note"));
  listen();
  colours();
  for (const s of catalogue.scenarios) $("scenario").append(element("option", { value: s.name, textContent: s.title ? `${s.name} · ${s.title}` : s.name }));
  const address = readAddress();
  show(address.edit);
  busy("Loading the simulator…", 0);
  engine = compile("engine.wasm", catalogue.sizes["engine.wasm"], (part) => now.runs === 0 && busy("Loading the simulator…", part));
  engine.catch(() => {}); // whoever needs it hears
  theatre.open(catalogue.sizes["viewer.wasm"]);
  await simulate(address.edit, { at: 1000 * address.seconds, fresh: true });
}

// readAddress reads what to show from the page's address.
function readAddress() {
  const names = catalogue.scenarios.map((s) => s.name);
  const fallback = names.includes(first) ? first : "server-crash";
  const address = edits.read(location.hash, names, catalogue.strategies.map((s) => s.name), fallback);
  if (address.problems.length > 0) problem(`The address is not quite right: ${address.problems.join("; ")}.`, "What could be read of it is shown.");
  return address;
}

const shipped = (edit) => catalogue.scenarios.find((s) => s.name === edit.scenario);

// simulate runs an edit and shows what came of it. At is the time of the run at
// which to go on, fresh says that it is another scenario altogether.
async function simulate(edit, { at = null, fresh = false, play = null } = {}) {
  current?.cancel();
  const run = (current = { jobs: [], cancelled: false, cancel() {
    this.cancelled = true;
    for (const job of this.jobs) job.cancel();
  } });
  const before = theatre.state();
  const playing = play ?? before?.playing ?? true;
  const time = at ?? before?.now_ms ?? 0;
  theatre.stage?.pause();
  now.phase = "simulating";
  now.edit = edit;
  show(edit);
  try {
    const module = conditional(edit) ? await later("engine-whole.wasm", (part) => busy("Loading the rest of the simulator…", part)) : await engine;
    if (run.cancelled) return;
    await perform(run, module, edit);
    if (run.cancelled) return;
    now.scenario = run.scenario;
    now.good = edit;
    busy("Adding up…", 1);
    show(edit);
    stage(run, time, fresh ? play ?? true : playing);
    await sum(run, module, edit);
    if (run.cancelled) return;
  } catch (e) {
    if (run.cancelled) return;
    stopped(e, edit);
    return;
  }
  now.yaml = run.yaml;
  now.result = run.result;
  now.digests = Object.fromEntries(JSON.parse(run.result).runs.map((r) => [r.strategy, r.digest]));
  now.phase = "ready";
  now.runs++;
  $("busy").hidden = true;
  remember();
  outcome.scoreboard($("scoreboard"), run.table, glossary, swatch);
  $("finding").textContent = run.table.finding;
  $("zeros").textContent = run.table.zeros.length ? `Zero throughout: ${run.table.zeros.map((z) => glossary.metrics.get(z)?.label ?? z).join(", ")}.` : "";
  $("outcome").hidden = false;
  judge(run, edit);
}

// later loads what the first view does without, once.
const loaded = {};
function later(name, progress) {
  loaded[name] ??= compile(name, catalogue.sizes[name], progress);
  loaded[name].catch(() => delete loaded[name]);
  return loaded[name];
}

// conditional says that a fault waits for a condition, which the small engine
// cannot evaluate.
const conditional = (edit) => [...(shipped(edit).faults ?? []), ...edit.faults].some((f) => f.when) || edit.set.some(([path, value]) => path.startsWith("faults") && /when/.test(path + value));

// perform simulates the edit, each strategy in a worker of its own, as many at
// once as there are cores.
async function perform(run, module, edit) {
  const strategies = edit.strategies ?? shipped(edit).strategies;
  const end = milliseconds(shipped(edit).duration);
  const parts = Object.fromEntries(strategies.map((s) => [s, 0]));
  const tell = () => busy(`Simulating ${edit.scenario}…`, Object.values(parts).reduce((a, b) => a + b, 0) / strategies.length);
  tell();
  run.traces = {};
  const results = {};
  let described = { done: null };
  if (edits.isPlain(edit)) run.scenario = shipped(edit); // its text can wait until it plays
  else run.jobs.push((described = start(module, { do: "describe", ...edits.request(edit) }, ({ kind, body }) => (run[kind] = body))));
  const waiting = [...strategies];
  const one = async () => {
    for (let s = waiting.shift(); s && !run.cancelled; s = waiting.shift()) {
      const job = start(module, { do: "simulate", ...edits.request(edit), only: [s], trace: true }, ({ kind, body }) => {
        if (run.cancelled) return;
        switch (kind) {
          case "progress":
            parts[s] = body.done ? 1 : Math.min(0.99, Math.max(body.now_ms / end, body.clients / body.of));
            tell();
            return;
          case "trace":
            run.traces[s] = body;
            return;
          case "result":
            results[s] = body;
        }
      });
      run.jobs.push(job);
      await job.done;
    }
  };
  const cores = Math.max(1, Math.min(navigator.hardwareConcurrency ?? 2, 4));
  await Promise.all([described.done, ...strategies.slice(0, cores).map(one)]).catch((e) => {
    for (const job of run.jobs) job.cancel();
    throw e;
  });
  if (run.cancelled) return;
  run.results = strategies.map((s) => results[s]);
}

// sum joins the results of the strategies to one, with its table.
async function sum(run, module, edit) {
  const keep = ({ kind, body }) => (run[kind] = body);
  const jobs = [start(module, `{"do":"join","results":[${run.results.join(",")}]}`, keep)];
  if (!run.yaml) jobs.push(start(module, { do: "describe", ...edits.request(edit) }, keep));
  run.jobs.push(...jobs);
  await Promise.all(jobs.map((j) => j.done));
}

// stopped says what went wrong, and goes back to what was there before.
function stopped(error, edit) {
  $("busy").hidden = true;
  problem(error.message, error.remedy);
  if (now.good) {
    now.phase = "ready";
    now.edit = now.good;
    history = history.filter((e) => e !== now.good);
    show(now.good);
    remember();
  } else if (!edits.isPlain(edit) && error.input) {
    simulate(edits.plain(edit.scenario), { fresh: true }); // a link that asks for what cannot be
  } else {
    now.phase = "failed";
    theatre.say("There is nothing to show yet.");
  }
}

// stage hands the traces over.
async function stage(run, time, play) {
  if (!(await theatre.ready) || run.cancelled || !theatre.stage) return;
  const key = `${run.scenario.name} ${run.scenario.duration} ${run.scenario.strategies}`;
  if (theatreOpen.key !== key) theatre.stage.reset(JSON.stringify(run.scenario));
  theatreOpen.key = key;
  for (const s of run.scenario.strategies) {
    const wrong = theatre.stage.load(s, run.traces[s]);
    if (wrong) problem(`The stage cannot show ${s}: ${wrong}`);
  }
  theatre.stage.speed(Number($("speed").value));
  theatre.stage.seek(time);
  if (play && !matchMedia("(prefers-reduced-motion: reduce)").matches) theatre.stage.play();
  moment();
}

// judge loads what only the verdict needs, after the first run, and shows it.
async function judge(run, edit) {
  try {
    const module = await later("verdict.wasm");
    if (run.cancelled) return;
    let v;
    const job = start(module, `{"do":"verdict","results":[${run.result}]}`, ({ body }) => (v = body));
    run.jobs.push(job);
    await job.done;
    if (run.cancelled) return;
    outcome.expectations($("expectations"), v.expectations ?? [], !edits.isPlain(edit));
    outcome.charts($("charts"), v.charts);
    $("gallery").hidden = v.charts.length === 0;
    now.verdicts = now.runs;
  } catch (e) {
    if (!run.cancelled) problem(`The charts cannot be drawn: ${e.message}`, e.remedy);
  }
}

// change makes an edit the current one, a moment later: who drags a slider
// makes many.
let pending;
function change(edit, { wait = 0, ...options } = {}) {
  if (now.edit && now.edit !== edit && options.remember !== false && !pending) history.push(now.edit);
  clearTimeout(pending);
  now.edit = edit;
  pending = setTimeout(() => {
    pending = undefined;
    simulate(edit, options);
  }, wait);
}

// ---- what is shown of an edit

function show(edit) {
  const s = now.good === edit && now.scenario ? now.scenario : shipped(edit);
  $("scenario").value = edit.scenario;
  $("title").textContent = s.title || s.name;
  $("description").textContent = s.description;
  document.title = `${s.name} · protosim`;
  const shown = applied(edit);
  drawKnobs($("knobs"), shown, shipped(edit), (sets) => {
    let e = now.edit;
    for (const [path, value] of sets) e = edits.withSet(e, path, value);
    change(e, { wait: 300 });
  });
  drawStrategies(edit);
  drawTargets(shown);
  drawChanges(edit);
  drawMarks(edit);
}

// applied is the shipped scenario with the edit's plain changes, for the
// controls to show at once. The engine has the last word.
function applied(edit) {
  if (now.good === edit && now.scenario) return now.scenario;
  const s = structuredClone(shipped(edit));
  for (const [path, value] of edit.set) {
    const names = path.split(".");
    const last = names.pop();
    const holder = names.reduce((at, name) => at?.[name], s);
    if (!holder || !(last in holder)) continue;
    const m = /^\{(\w+): \{(.*)\}\}$/.exec(value);
    if (m) holder[last] = { [m[1]]: Object.fromEntries(m[2].split(",").map((f) => f.split(":").map((x) => x.trim()))) };
    else if (typeof holder[last] === "number") holder[last] = Number(value);
    else if (typeof holder[last] === "boolean") holder[last] = value === "true";
    else if (value === "[]") holder[last] = [];
    else holder[last] = value;
  }
  return s;
}

function drawStrategies(edit) {
  const focused = document.activeElement?.id;
  const chosen = edit.strategies ?? shipped(edit).strategies;
  const all = new Set([...catalogue.workloads[shipped(edit).workload], ...shipped(edit).strategies]);
  $("strategies").replaceChildren(
    ...catalogue.strategies
      .filter((s) => all.has(s.name))
      .map((s) => {
        const input = element("input", { type: "checkbox", id: `strategy-${s.name}`, checked: chosen.includes(s.name) });
        input.addEventListener("change", () => {
          const next = catalogue.strategies.map((t) => t.name).filter((name) => (name === s.name ? input.checked : (now.edit.strategies ?? shipped(now.edit).strategies).includes(name)));
          if (next.length === 0) {
            input.checked = true;
            problem("At least one strategy has to run.");
            return;
          }
          const same = next.join() === shipped(now.edit).strategies.join();
          change({ ...now.edit, strategies: same ? null : next }, { wait: 300 });
        });
        const label = element("label", { htmlFor: input.id }, swatch(s.name), element("b", { textContent: s.name }), element("small", { textContent: s.about }));
        return element("div", { className: "switch" }, input, label);
      }),
  );
  if (focused) $(focused)?.focus();
}

function drawTargets(s) {
  const names = [];
  if (s.balancer.kind === "none") names.push("www");
  else for (let i = 1; i <= s.servers.count; i++) names.push(`www-${i}`);
  if (s.balancer.kind !== "none") names.push("balancer");
  if (s.session.state === "store" && s.workload === "session") names.push("store");
  const before = $("target").value;
  $("target").replaceChildren(...names.map((n) => element("option", { value: n, textContent: n })));
  $("target").value = names.includes(before) ? before : names[0];
  strikes();
}

function drawChanges(edit) {
  const list = [];
  const item = (text, without) => {
    const b = element("button", { type: "button", textContent: "×", className: "remove" });
    b.setAttribute("aria-label", `Take back: ${text}`);
    b.addEventListener("click", () => {
      change(without());
      $("changes").hidden || $("undo").focus();
    });
    list.push(element("li", {}, element("span", { textContent: text }), b));
  };
  for (const [path, value] of edit.set) item(`${path} = ${value}`, () => edits.withSet(now.edit, path, null));
  edit.faults.forEach((f, i) => item(faultText(f), () => ({ ...now.edit, faults: now.edit.faults.filter((_, j) => j !== i) })));
  if (edit.strategies) item(`strategies: ${edit.strategies.join(", ")}`, () => ({ ...now.edit, strategies: null }));
  if (edit.seed !== null) item(`seed ${edit.seed}`, () => ({ ...now.edit, seed: null }));
  $("changed").replaceChildren(...list);
  $("changes").hidden = list.length === 0;
}

function faultText(f) {
  const lasting = milliseconds(f.for ?? "0s");
  const what = { crash: "crashes", vanish: "vanishes", deploy: "is deployed", slow: "is slow", errors: "answers with errors", degrade: "has bad links", partition: `is cut off from ${f.peer}`, scale: `: now ${f.to} servers`, purge: "is purged" }[f.kind] ?? f.kind;
  return `${clock(milliseconds(f.at))}: ${f.target ?? "servers"} ${what}${lasting > 0 ? ` for ${duration(lasting).replace(/(m?s)$/, " $1")}` : f.kind === "crash" || f.kind === "vanish" ? " for good" : ""}`;
}

const allFaults = (edit) => [...(applied(edit).faults ?? []).slice(0, (shipped(edit).faults ?? []).length), ...edit.faults];

function drawMarks(edit) {
  const end = milliseconds(applied(edit).duration);
  $("marks").replaceChildren(
    ...allFaults(edit).map((f) => {
      const mark = element("span", { title: faultText(f), className: f.kind });
      mark.style.left = `${(100 * milliseconds(f.at)) / end}%`;
      mark.style.width = `${Math.max(0.4, (100 * milliseconds(f.for ?? "0s")) / end)}%`;
      return mark;
    }),
  );
}

function busy(text, part) {
  $("busy").hidden = false;
  if ($("busy-text").textContent !== text) $("busy-text").textContent = text;
  $("busy-bar").value = part;
  $("cancel").hidden = !now.good;
}

// problem shows a message until it is put away.
function problem(text, remedy) {
  const shown = [...$("problems").children];
  if (shown.some((p) => p.dataset.text === text)) return;
  for (const old of shown.slice(0, -2)) old.remove();
  const close = element("button", { type: "button", textContent: "×" });
  close.setAttribute("aria-label", "Put this message away");
  const box = element("div", { className: "problem" }, element("p", {}, element("b", { textContent: text }), remedy ? ` ${remedy}` : ""), close);
  box.dataset.text = text;
  close.addEventListener("click", () => box.remove());
  $("problems").append(box);
}

function swatch(strategy) {
  const i = element("i", { className: `swatch s-${strategy}` });
  i.setAttribute("aria-hidden", "true");
  return i;
}

// colours makes each strategy's colours those of the charts.
function colours() {
  const sheet = new CSSStyleSheet();
  const rules = (i) => catalogue.strategies.map((s) => `.s-${s.name} { --area: ${s.area[i]}; --text: ${s.text[i]}; }`).join("\n");
  sheet.replaceSync(`${rules(0)} @media screen and (prefers-color-scheme: dark) { ${rules(1)} }`);
  document.adoptedStyleSheets.push(sheet);
}

// ---- time

// moment shows the time that the stage is at.
function moment() {
  const s = theatre.state();
  $("play").classList.toggle("still", !s);
  if (!s) return;
  $("toggle").textContent = s.playing ? "Pause" : "Play";
  $("now").textContent = clock(s.now_ms);
  const scrub = $("scrub");
  scrub.max = s.end_ms;
  scrub.step = Math.max(1, Math.round(s.end_ms / 1000));
  if (!scrub.matches(":active")) scrub.value = s.now_ms;
  scrub.setAttribute("aria-valuetext", clock(s.now_ms));
  lanes(s);
  caption(s.now_ms);
  strikes();
}

// lanes shows what the strategies have come to by now.
function lanes(s) {
  const workload = now.scenario?.workload;
  $("lanes").replaceChildren(
    ...s.lanes.map((l) => {
      const counts = [];
      if (workload === "session") counts.push(["sessions lost", l.lost, true], ["users in", l.sessions]);
      if (workload === "push") counts.push(["events received", l.delivered]);
      else counts.push(["requests failed", l.failed, true], ["requests", l.requests]);
      counts.push(["connections", l.connections]);
      const dl = element("dl");
      for (const [name, n, bad] of counts) dl.append(element("div", { className: bad && n > 0 ? "bad" : "" }, element("dt", { textContent: name }), element("dd", { textContent: (n ?? 0).toLocaleString("en") })));
      return element("section", { className: `lane s-${l.strategy}` }, element("h3", { textContent: l.strategy }), dl);
    }),
  );
}

// caption tells in words which fault is on.
let told = "";
function caption(ms) {
  const edit = now.good ?? now.edit;
  const on = allFaults(edit).filter((f) => ms >= milliseconds(f.at) && ms < milliseconds(f.at) + Math.max(milliseconds(f.for ?? "0s"), f.kind === "deploy" ? 10_000 : 3000));
  const text = on.map(faultText).join(" · ");
  if (text !== told) $("caption").textContent = told = text;
}

// remember puts the edit and the time into the address, without a new entry in
// the browser's history for every moment.
function remember() {
  if (!now.good) return;
  const s = theatre.state();
  const address = edits.write(now.good, s && !s.playing && s.now_ms < s.end_ms ? s.now_ms / 1000 : 0);
  if (address !== location.hash) window.history.replaceState(null, "", address);
}

// ---- faults

// down finds the fault because of which target is down at a time.
function down(edit, target, ms) {
  return allFaults(edit).findLastIndex((f) => {
    const lasting = milliseconds(f.for ?? "0s");
    return f.kind === "crash" && (f.target ?? "servers") === target && milliseconds(f.at) <= ms && (lasting === 0 || ms < milliseconds(f.at) + lasting);
  });
}

// strikes enables what can be done to the chosen target now.
function strikes() {
  const ms = theatre?.state()?.now_ms ?? 0;
  for (const [root, target] of [[$("strike"), $("target").value], [$("menu"), $("menu").dataset.target]]) {
    const isDown = now.good && down(now.good, target, ms) >= 0;
    for (const b of root.querySelectorAll("[data-strike]")) {
      const kind = b.dataset.strike;
      b.disabled = !now.good || (kind === "deploy" ? false : kind === "restart" ? !isDown : Boolean(isDown));
    }
  }
}

// strike makes something happen to a host at the time that is shown.
function strike(kind, target) {
  const s = theatre.state();
  const ms = Math.min(Math.max(0, Math.round(s?.now_ms ?? 0)), milliseconds(applied(now.edit).duration) - 1);
  const at = duration(ms);
  let edit = now.edit;
  switch (kind) {
    case "crash":
      edit = edits.withFault(edit, { at, kind: "crash", target, for: "5s" });
      break;
    case "kill":
      edit = edits.withFault(edit, { at, kind: "crash", target });
      break;
    case "deploy":
      edit = edits.withFault(edit, { at, kind: "deploy" }); // it is one of all servers
      break;
    case "restart": {
      const i = down(edit, target, ms);
      if (i < 0) return;
      const lasting = duration(Math.max(1, ms - milliseconds(allFaults(edit)[i].at)));
      const base = (shipped(edit).faults ?? []).length;
      edit = i < base ? edits.withSet(edit, `faults[${i}].for`, lasting) : { ...edit, faults: edit.faults.map((f, j) => (j === i - base ? { ...f, for: lasting } : f)) };
      break;
    }
  }
  $("menu").close();
  change(edit, { at: ms, play: true });
}

// ---- what people do

function listen() {
  $("scenario").addEventListener("change", () => change(edits.plain($("scenario").value), { at: 0, fresh: true }));
  $("cancel").addEventListener("click", () => {
    current?.cancel();
    $("busy").hidden = true;
    if (!now.good) return;
    now.phase = "ready";
    now.edit = now.good;
    show(now.good);
  });
  $("toggle").addEventListener("click", () => {
    const s = theatre.state();
    if (!s) return;
    if (s.playing) theatre.stage.pause();
    else theatre.stage.play();
    moment();
    remember();
  });
  $("back").addEventListener("click", () => (theatre.stage?.step(-1), moment()));
  $("forward").addEventListener("click", () => (theatre.stage?.step(1), moment()));
  $("fault").addEventListener("click", () => (theatre.stage?.nextFault(), moment()));
  $("speed").addEventListener("change", () => theatre.stage?.speed(Number($("speed").value)));
  $("scrub").addEventListener("input", () => {
    theatre.stage?.seek(Number($("scrub").value));
    moment();
  });
  $("scrub").addEventListener("change", remember);
  $("target").addEventListener("change", strikes);
  for (const b of document.querySelectorAll("#strike [data-strike]")) b.addEventListener("click", () => strike(b.dataset.strike, $("target").value));
  for (const b of document.querySelectorAll("#menu [data-strike]")) b.addEventListener("click", () => strike(b.dataset.strike, $("menu").dataset.target));
  $("menu-close").addEventListener("click", () => $("menu").close());
  $("menu").addEventListener("close", () => theatre.stage?.select?.("", ""));
  addEventListener("keydown", (e) => e.key === "Escape" && $("menu").open && $("menu").close());
  $("undo").addEventListener("click", () => {
    const before = history.pop();
    change(before?.scenario === now.edit.scenario ? before : edits.plain(now.edit.scenario), { remember: false });
  });
  $("reset").addEventListener("click", () => change(edits.plain(now.edit.scenario)));
  $("download").addEventListener("click", download);
  $("share").addEventListener("click", async () => {
    remember();
    try {
      await navigator.clipboard.writeText(location.href);
      $("shared").textContent = "The link is on the clipboard: it shows what you see now.";
    } catch {
      $("shared").textContent = `The link is the page's address: ${location.href}`;
    }
  });
  addEventListener("hashchange", () => {
    const { edit, seconds } = readAddress();
    change(edit, { at: 1000 * seconds, fresh: true });
  });
  theatre.addEventListener("time", moment);
  theatre.addEventListener("ended", moment);
  theatre.addEventListener("select", ({ detail }) => select(detail));
}

// select opens the menu of what was clicked on the stage.
function select(host) {
  const menu = $("menu");
  if (!host.name) {
    menu.close();
    return;
  }
  menu.dataset.target = host.name;
  menu.dataset.role = host.role;
  $("menu-title").textContent = `${host.name}, ${host.strategy}`;
  $("menu-history").replaceChildren(...(host.text ?? []).slice(-6).map((line) => element("li", { textContent: line })));
  const known = [...$("target").options].some((o) => o.value === host.name);
  if (known) $("target").value = host.name;
  for (const b of menu.querySelectorAll("[data-strike]")) b.hidden = !known;
  strikes();
  if (!menu.open) menu.show();
  const frame = $("stage").getBoundingClientRect();
  const left = Math.min(frame.left + (host.x ?? 0) + 12, innerWidth - menu.offsetWidth - 8);
  menu.style.left = `${Math.max(8, left) + scrollX}px`;
  menu.style.top = `${frame.top + (host.y ?? 0) + 12 + scrollY}px`;
}

function download() {
  if (!now.yaml) return;
  const url = URL.createObjectURL(new Blob([now.yaml], { type: "application/yaml" }));
  const a = element("a", { href: url, download: `${now.scenario.name}.yaml` });
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

globalThis.protosim = {
  state: () => ({ ...now, stage: theatre?.state() ?? null, workers: workers().length, problems: [...$("problems").children].map((p) => p.dataset.text) }),
  workers,
};
