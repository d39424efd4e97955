// The page: puts the parts together. An edit (edit.js) is simulated by the
// engine (engine.js), played on the stage (theatre.js), and summed up below it
// (outcome.js).

import * as edits from "./edit.js";
import { compile, prepare, prepared, start, workers, Failure } from "./engine.js";
import { Trace } from "./trace.js";
import { Theatre } from "./theatre.js";
import { draw as drawKnobs, element } from "./knobs.js";
import { Glossary } from "./glossary.js";
import * as outcome from "./outcome.js";
import { faultText, spans, isOn, down, targets, targetOf, isServer } from "./faults.js";
import { Lanes } from "./lanes.js";
import { Hosts } from "./hosts.js";
import { Strips } from "./strips.js";
import { Charts } from "./charts.js";
import { milliseconds, duration, clock } from "./units.js";

const $ = (id) => document.getElementById(id);
const first = "first-look"; // what is shown to whoever comes without a link
const patience = 8000; // milliseconds after which a smaller run is offered
const most = 5; // engines that wait for a change
const many = 1000; // clients with which one strategy takes hundreds of megabytes

// What is going on. Tests read it as protosim.state().
const now = {
  phase: "loading", // then simulating, ready, failed
  edit: null, // what is shown, or being simulated
  good: null, // the last edit that was simulated and added up
  scenario: null, // of good, in full, as what follows is of good
  yaml: "",
  result: null,
  runs: 0, // simulations that are complete
  verdicts: 0,
  digests: {},
};

let catalogue, glossary, theatre, engine, lanes, hosts, strips, charts;
let history = [];

// Runs: one simulation of an edit each, see simulate.
let current; // the one under way, or the last one
let good; // the last one that is complete: where the page goes back to
let played; // whose traces are on the stage, complete or not

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
  lanes = new Lanes($("lanes"));
  hosts = new Hosts($("hosts"), choose);
  const goTo = (ms) => {
    theatre.stage?.seek(Math.round(ms));
    remember();
  };
  strips = new Strips($("strips"), goTo);
  charts = new Charts($("charts"), goTo);
  listen();
  colours();
  listScenarios();
  const address = readAddress();
  show(address.edit);
  performance.mark("useful"); // for the benchmark
  busy("Loading the simulator…", 0);
  engine = compile("engine.wasm", catalogue.sizes["engine.wasm"], (part) => now.runs === 0 && busy("Loading the simulator…", part));
  engine.catch(() => {}); // whoever needs it hears
  theatre.open(catalogue.sizes["viewer.wasm"]);
  await simulate(address.edit, toMoment(address));
}

// toMoment is how a run begins that an address asks for: at its time, paused.
function toMoment({ seconds }) {
  return { at: 1000 * seconds, fresh: true, play: seconds > 0 ? false : null };
}

// readAddress reads what to show from the page's address.
function readAddress() {
  const names = catalogue.scenarios.map((s) => s.name);
  const fallback = names.find((name) => name in catalogue.own) ?? first;
  const address = edits.read(location.hash, names, catalogue.strategies.map((s) => s.name), fallback);
  if (address.problems.length > 0) problem(`The address is not quite right: ${address.problems.join("; ")}.`, "What could be read of it is shown.");
  return address;
}

const shipped = (edit) => catalogue.scenarios.find((s) => s.name === edit.scenario);

// simulate runs an edit and shows what came of it. At is the time of the run at
// which to go on, fresh says that it is another scenario altogether.
async function simulate(edit, { at = null, fresh = false, play = null } = {}) {
  current?.cancel();
  const before = theatre.state();
  const underWay = current !== undefined && current !== good;
  const unseen = underWay && played !== current; // for which the stage has been paused
  const run = (current = {
    edit,
    history: [...history],
    at: at ?? before?.now_ms ?? 0,
    was: underWay ? current.was : { at: before?.now_ms ?? 0, playing: before?.playing ?? true }, // on the stage, of good
    runs: [], // what the results say of each strategy's
    jobs: [],
    cancelled: false,
    cancel() {
      this.cancelled = true;
      for (const job of this.jobs) job.cancel();
    },
  });
  run.play = play ?? (fresh || (unseen ? run.was.playing : (before?.playing ?? true)));
  theatre.stage?.pause();
  now.phase = "simulating";
  now.edit = edit;
  $("outcome").ariaBusy = "true"; // it is of another run
  show(edit);
  try {
    run.module = conditional(edit) ? await later("engine-whole.wasm", (part) => busy("Loading the rest of the simulator…", part)) : await engine;
    if (run.cancelled) return;
    prepare(run.module, 0); // none waits of the other one
    await perform(run, edit);
    if (run.cancelled) return;
    busy("Adding up…", 1);
    if (played === run) feed(run); // it plays already
    else stage(run, run.at, run.play);
    await sum(run, edit);
    if (run.cancelled) return;
  } catch (e) {
    if (!run.cancelled) stopped(e, run);
    return;
  }
  good = run;
  now.good = edit;
  now.scenario = run.scenario;
  now.yaml = run.yaml;
  now.result = run.result;
  now.digests = Object.fromEntries(JSON.parse(run.result).runs.map((r) => [r.strategy, r.digest]));
  now.phase = "ready";
  now.runs++;
  performance.mark("ready");
  idle();
  show(edit);
  remember();
  outcome.scoreboard($("scoreboard"), run.table, glossary, swatch);
  $("finding").textContent = run.table.finding;
  $("zeros").textContent = run.table.zeros.length ? `Zero throughout: ${run.table.zeros.map((z) => glossary.metrics.get(z)?.label ?? z).join(", ")}.` : "";
  $("outcome").hidden = false;
  judge(run, edit);
}

// restore goes back from a run that does not come to its end to the last one that
// did, stage and all.
function restore(run) {
  run.cancel();
  clearTimeout(pending);
  pending = undefined;
  idle();
  current = good;
  good.cancelled = false;
  now.phase = "ready";
  now.edit = good.edit;
  history = [...good.history];
  if (played !== good) stage(good, run.was.at, run.was.playing);
  else if (run.was.playing) theatre.stage?.play();
  show(good.edit);
  remember();
  if (now.verdicts < now.runs) judge(good, good.edit);
  else awaitChange(good);
}

// openFile adds a scenario of the reader's own to the list, and shows it. The
// engine reads it as the command does, and says what is wrong with it, and where.
async function openFile(file) {
  if (!file) return;
  $("file").value = ""; // so that it can be opened again
  try {
    const text = await file.text();
    const module = await later("engine-whole.wasm", (part) => busy("Loading the rest of the simulator…", part));
    let scenario;
    await start(module, { do: "describe", yaml: text, file: file.name }, ({ kind, body }) => kind === "scenario" && (scenario = body)).done;
    if (!catalogue.own[scenario.name] && shipped({ scenario: scenario.name })) {
      throw new Failure(`There is a scenario ${scenario.name} already.`, { remedy: `Give the one in ${file.name} another name.` });
    }
    const known = catalogue.scenarios.findIndex((s) => s.name === scenario.name);
    if (known >= 0) catalogue.scenarios.splice(known, 1);
    catalogue.scenarios.unshift(scenario);
    catalogue.own[scenario.name] = text;
    listScenarios();
    change(edits.plain(scenario.name), { at: 0, fresh: true });
  } catch (e) {
    problem(e.message, e.remedy);
  } finally {
    if (current === good) $("busy").hidden = true;
  }
}

function listScenarios() {
  $("scenario").replaceChildren(...catalogue.scenarios.map((s) => element("option", { value: s.name, textContent: s.title ? `${s.name} · ${s.title}` : s.name })));
}

// request is an edit as the engine wants it.
const request = (edit) => edits.request(edit, catalogue.own[edit.scenario]);

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

// perform simulates the edit, each strategy in a worker of its own: all at once,
// as the stage plays until where the last of them is, or, of what takes much memory,
// as many as there are cores.
async function perform(run, edit) {
  const { module } = run;
  const strategies = edit.strategies ?? shipped(edit).strategies;
  const end = milliseconds(shipped(edit).duration);
  const parts = Object.fromEntries(strategies.map((s) => [s, 0]));
  const began = performance.now();
  const tell = () => {
    busy(`Simulating ${edit.scenario}…`, Object.values(parts).reduce((a, b) => a + b, 0) / strategies.length);
    offerFewer(edit, performance.now() - began);
  };
  tell();
  run.traces = Object.fromEntries(strategies.map((s) => [s, new Trace()]));
  const results = {};
  let described = { done: null };
  if (edits.isPlain(edit)) run.scenario = shipped(edit); // its text can wait until it plays
  else run.jobs.push((described = start(module, { do: "describe", ...request(edit) }, ({ kind, body }) => (run[kind] = body))));
  const waiting = [...strategies];
  const one = async () => {
    for (let s = waiting.shift(); s && !run.cancelled; s = waiting.shift()) {
      const job = start(module, { do: "simulate", ...request(edit), only: [s], trace: true }, ({ kind, body }) => {
        if (run.cancelled) return;
        switch (kind) {
          case "progress":
            parts[s] = body.done ? 1 : Math.min(0.99, Math.max(body.now_ms / end, body.clients / body.of));
            Object.assign(run.traces[s], { known: body.traced_ms, memory: body.memory_bytes });
            tell();
            advance(run);
            return;
          case "trace":
            run.traces[s].add(body);
            return;
          case "result":
            run.traces[s].known = Infinity;
            results[s] = body;
        }
      });
      run.jobs.push(job);
      await job.done;
    }
  };
  const cores = Math.max(1, Math.min(navigator.hardwareConcurrency ?? 2, 4));
  const together = applied(edit).clients.count > many ? cores : strategies.length;
  await Promise.all([described.done, ...strategies.slice(0, together).map(one)]).catch((e) => {
    for (const job of run.jobs) job.cancel();
    throw e;
  });
  if (run.cancelled) return;
  run.results = strategies.map((s) => results[s]);
  run.runs = run.results.map((text) => JSON.parse(text).runs[0]);
}

// sum joins the results of the strategies to one, with its table.
async function sum(run, edit) {
  const { module } = run;
  const keep = ({ kind, body }) => (run[kind] = body);
  const jobs = [start(module, `{"do":"join","results":[${run.results.join(",")}]}`, keep)];
  if (!run.yaml) jobs.push(start(module, { do: "describe", ...request(edit) }, keep));
  run.jobs.push(...jobs);
  await Promise.all(jobs.map((j) => j.done));
}

// stopped says what went wrong, and goes back to what was there before.
function stopped(error, run) {
  $("busy").hidden = true;
  problem(error.message, error.remedy);
  if (good) {
    if (!pending) restore(run); // else there is a next one
  } else if (!edits.isPlain(run.edit) && error.input) {
    simulate(edits.plain(run.edit.scenario), { fresh: true }); // a link that asks for what cannot be
  } else {
    now.phase = "failed";
    if (played !== run) theatre.say("There is nothing to show yet.");
  }
}

// stage hands the traces of a run over, and goes on at a time.
async function stage(run, at, play) {
  played = run;
  run.at = at;
  run.play = play && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  drawStrips(run);
  await theatre.ready;
  if (played !== run) return;
  const key = `${run.scenario.name} ${run.scenario.duration} ${run.scenario.strategies}`;
  if (theatre.shows !== key) theatre.stage.reset(JSON.stringify(run.scenario));
  theatre.shows = key;
  feed(run);
  theatre.stage.speed(Number($("speed").value));
  theatre.stage.seek(at);
  if (run.play) theatre.stage.play();
  else theatre.stage.pause();
  performance.mark("playable");
}

// advance plays a run that is still being simulated: as soon as all strategies are
// past the time where it goes on, and with more of it when half of that is over. The
// stage reads all anew then, which it does for a fifth of the time at most.
function advance(run) {
  if (run !== current || !run.scenario || !theatre.draws) return;
  const known = Math.min(...Object.values(run.traces).map((t) => t.known));
  if (played !== run) {
    if (known > run.at + milliseconds(run.scenario.duration) / 50) stage(run, run.at, run.play);
  } else if (run.fed && known > run.fed.until && performance.now() > run.fed.rest && theatre.state().now_ms >= (run.fed.from + run.fed.until) / 2) {
    feed(run);
  }
}

// feed hands over what there is of a run's traces, and shows what there is beside
// them.
function feed(run) {
  const began = performance.now();
  for (const [strategy, trace] of Object.entries(run.traces)) {
    const wrong = theatre.stage.load(strategy, trace.bytes(), trace.memory, !trace.whole);
    if (wrong) problem(`The stage cannot show ${strategy}: ${wrong}`);
  }
  const { now_ms, known_ms } = theatre.state();
  const ended = performance.now();
  run.fed = { from: Math.max(now_ms, run.at), until: known_ms, rest: ended + 4 * (ended - began) };
  drawStrips(run);
  drawMarks();
  drawTargets(run.scenario);
  moment();
}

const drawStrips = (run) => strips.show(run.runs, lasts(run), swatch);

// lasts is how long a run is, in milliseconds: some end before their time is over.
const lasts = (run) => theatre.state()?.end_ms || milliseconds(run.scenario.duration);

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
    charts.show(v.charts);
    $("gallery").hidden = v.charts.length === 0;
    moment();
    now.verdicts = now.runs;
  } catch (e) {
    if (!run.cancelled) problem(`The charts cannot be drawn: ${e.message}`, e.remedy);
  } finally {
    awaitChange(run);
  }
}

// awaitChange has engines wait for the next change, of what is not too large.
function awaitChange(run) {
  if (!run.cancelled && run === good) prepare(run.module, run.scenario.clients.count > many ? 0 : Math.min(run.runs.length + 1, most));
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
  const s = known(edit)?.scenario ?? shipped(edit);
  $("scenario").value = edit.scenario;
  $("title").textContent = s.title || s.name;
  describe(s.description);
  document.title = `${s.name} · protosim`;
  const shown = applied(edit);
  drawKnobs($("knobs"), shown, shipped(edit), (sets) => {
    let e = now.edit;
    for (const [path, value] of sets) e = edits.withSet(e, path, value);
    change(e, { wait: 300 });
  });
  drawFields(shipped(edit));
  drawStrategies(edit);
  drawTargets(shown);
  drawChanges(edit);
}

// describe shows what a scenario is about, on small screens how it begins and a
// button for the rest.
function describe(text) {
  const p = $("description");
  if (p.textContent === text) return;
  p.textContent = text;
  p.classList.add("brief");
  cut();
}

// cut offers the rest of the description where the style sheet cuts it off.
function cut() {
  const p = $("description");
  const brief = p.classList.contains("brief");
  if (brief) $("more").hidden = p.scrollHeight <= p.clientHeight + 1;
  $("more").ariaExpanded = String(!brief);
  write($("more"), brief ? "Read all of it" : "Less");
}

// known is the run of an edit, if there has been one of late.
const known = (edit) => [good, played].find((run) => run?.edit === edit);

// applied is the shipped scenario with the edit's plain changes, for the
// controls to show at once. The engine has the last word.
function applied(edit) {
  const run = known(edit);
  if (run) return run.scenario;
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
    else if (Array.isArray(holder[last])) continue;
    else holder[last] = value;
  }
  return s;
}

// drawFields lets the browser complete the paths of a scenario's fields.
let listed;
function drawFields(scenario) {
  if (listed === scenario) return;
  listed = scenario;
  const paths = [];
  const walk = (value, path) => {
    if (value === null || typeof value !== "object") paths.push(`${path}=${value}`);
    else if (!Array.isArray(value)) for (const [name, inner] of Object.entries(value)) walk(inner, path ? `${path}.${name}` : name);
  };
  for (const name of ["network", "clients", "servers", "balancer", "tls", "session", "store", "push", "cache", "page", "chat", "catalogue"]) if (scenario[name]) walk(scenario[name], name);
  $("fields").replaceChildren(...paths.map((p) => element("option", { value: p })));
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
  const hosts = played?.scenario === s && theatre.state()?.lanes.flatMap((l) => l.hosts ?? []);
  const names = targets(s, hosts?.length ? hosts : null);
  const before = $("target").value;
  if (names.join() !== [...$("target").options].map((o) => o.value).join()) {
    $("target").replaceChildren(...names.map((n) => element("option", { value: n, textContent: n })));
    $("target").value = names.includes(before) ? before : names[0];
  }
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

// happenings says when the faults of what is on the stage take place.
function happenings() {
  if (!played) return [];
  return spans(played.scenario.faults ?? [], played.runs);
}

function drawMarks() {
  const end = lasts(played);
  $("fault").disabled = happenings().every(({ begin }) => begin >= end);
  $("marks").replaceChildren(
    ...happenings()
      .filter(({ begin }) => begin < end)
      .map(({ fault, begin, end: until }) => {
        const mark = element("span", { title: faultText(fault, begin), className: fault.kind });
        const left = (100 * begin) / end;
        mark.style.left = `${left}%`;
        mark.style.width = `${Math.min(100 - left, Math.max(0.4, (100 * (Math.min(until, end) - begin)) / end))}%`;
        return mark;
      }),
  );
}

// offerFewer offers a run with fewer clients, as a change like any other, to who
// has waited for a while: a browser takes longer than the command does.
function offerFewer(edit, waited) {
  const clients = applied(edit).clients.count;
  $("fewer").hidden = waited < patience || clients < 10;
  write($("fewer"), `Try ${Math.round(clients / 10)} clients instead of ${clients}`);
}

function busy(text, part) {
  $("fewer").hidden = true;
  $("busy").hidden = false;
  if ($("busy-text").textContent !== text) $("busy-text").textContent = text;
  $("busy-bar").value = part;
  $("cancel").hidden = !good;
}

// idle says that nothing is being simulated.
function idle() {
  $("busy").hidden = true;
  $("outcome").ariaBusy = "false";
}

// problem shows a message until it is put away.
function problem(text, remedy) {
  const shown = [...$("problems").children];
  if (shown.some((p) => p.dataset.text === text)) return;
  for (const old of shown.slice(0, -2)) old.remove();
  const close = element("button", { type: "button", textContent: "×" });
  close.setAttribute("aria-label", "Put this message away");
  const [reason, ...excerpt] = text.split("\n");
  if (excerpt.at(-1) === remedy) excerpt.pop();
  const below = excerpt.length > 0 ? "\n" : "";
  const box = element("div", { className: "problem" }, element("p", {}, element("b", { textContent: reason }), below, element("code", { textContent: excerpt.join("\n") }), remedy ? `${below || " "}${remedy}` : ""), close);
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
  write($("toggle"), s.playing ? "Pause" : "Play");
  write($("now"), clock(s.now_ms));
  const scrub = $("scrub");
  scrub.max = s.end_ms;
  scrub.step = Math.max(1, Math.round(s.end_ms / 1000));
  if (!scrub.matches(":active")) scrub.value = s.now_ms;
  scrub.setAttribute("aria-valuetext", clock(s.now_ms));
  strips.time(s.now_ms);
  charts.time(s.now_ms);
  lanes.show(s.lanes, played?.scenario.workload);
  hosts.show(s.lanes, played?.scenario.workload);
  const list = happenings();
  $("caption").classList.toggle("none", list.length === 0); // or it keeps its place
  write($("caption"), list.filter((h) => isOn(h, s.now_ms)).map(({ fault, begin }) => faultText(fault, begin)).join(" · "));
  strikes(list, s.now_ms);
}

// write changes a text where it is another one.
function write(into, text) {
  if (into.textContent !== text) into.textContent = text;
}

// remember puts the edit and the time into the address, without a new entry in
// the browser's history for every moment.
function remember() {
  if (!good || played !== good) return;
  const s = theatre.state();
  const stands = s ? !s.playing && s.now_ms < s.end_ms : !good.play;
  const address = edits.write(good.edit, stands ? (s?.now_ms ?? good.at) / 1000 : 0);
  if (address !== location.hash) window.history.replaceState(null, "", address);
}

// ---- faults

// strikes enables what can be done to the chosen target now.
function strikes(list = happenings(), ms = theatre?.state()?.now_ms ?? 0) {
  for (const [root, target] of [[$("strike"), $("target").value], [$("menu"), $("menu").dataset.target]]) {
    const isDown = down(list, target, ms) >= 0;
    for (const b of root.querySelectorAll("[data-strike]")) {
      const kind = b.dataset.strike;
      const cannot = { restart: !isDown, crash: isDown, kill: isDown, deploy: !isServer(target) }[kind];
      b.disabled = !played || Boolean(cannot);
    }
  }
}

// servers are those of the targets that are servers.
const servers = () => [...$("target").options].map((o) => o.value).filter(isServer);

// pace is how long servers drain and restart when they are deployed one after the
// other: as long as a scenario's do that does not say, or so that it is done
// before the run ends.
function pace(left, count) {
  const each = duration(Math.min(5000, Math.floor(left / (2 * count))));
  return { drain: each, restart: each };
}

// strike makes something happen to a host at the time that is shown.
function strike(kind, target) {
  const s = theatre.state();
  const end = milliseconds(applied(now.edit).duration);
  const ms = Math.min(Math.max(0, Math.round(s?.now_ms ?? 0)), end - 1);
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
      edit = edits.withFault(edit, { at, kind: "deploy", target, ...pace(end - ms, 1) });
      break;
    case "deploy-all":
      edit = edits.withFault(edit, { at, kind: "deploy", ...pace(end - ms, servers().length) });
      break;
    case "degrade":
      edit = edits.withFault(edit, { at, kind: "degrade", target: "clients", loss: "5%", delay: "200ms", for: "5s" });
      break;
    case "restart": {
      const list = happenings();
      const i = down(list, target, ms);
      if (i < 0) return;
      const lasting = duration(Math.max(1, ms - list[i].begin));
      const base = list.length - played.edit.faults.length;
      edit = i < base ? edits.withSet(edit, `faults[${i}].for`, lasting) : { ...edit, faults: edit.faults.map((f, j) => (j === i - base ? { ...f, for: lasting } : f)) };
      break;
    }
  }
  $("menu").close();
  change(edit, { at: ms, play: true });
}

// ---- what people do

function listen() {
  $("more").addEventListener("click", () => {
    $("description").classList.toggle("brief");
    cut();
  });
  addEventListener("resize", cut);
  $("file").addEventListener("change", () => openFile($("file").files[0]));
  $("scenario").addEventListener("change", () => change(edits.plain($("scenario").value), { at: 0, fresh: true }));
  $("fewer").addEventListener("click", () => change(edits.withSet(now.edit, "clients.count", String(Math.round(applied(now.edit).clients.count / 10))), { fresh: !good }));
  $("cancel").addEventListener("click", () => good && current !== good && restore(current));
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
  $("target").addEventListener("change", () => strikes());
  for (const b of document.querySelectorAll("#strike [data-strike]")) b.addEventListener("click", () => strike(b.dataset.strike, $("target").value));
  for (const b of document.querySelectorAll("#menu [data-strike]")) b.addEventListener("click", () => strike(b.dataset.strike, $("menu").dataset.target));
  $("history").addEventListener("click", () => tell($("target").value));
  $("menu-close").addEventListener("click", () => $("menu").close());
  $("menu").addEventListener("close", () => theatre.stage?.select?.("", ""));
  addEventListener("keydown", (e) => e.key === "Escape" && $("menu").open && $("menu").close());
  const setField = () => {
    const [path, ...rest] = $("field").value.split("=");
    const value = rest.join("=").trim();
    if (!path.trim() || !value) {
      problem(`“${$("field").value}” is not written like network.jitter=10ms.`);
      return;
    }
    change(edits.withSet(now.edit, path.trim(), value));
    $("field").value = "";
  };
  $("set").addEventListener("click", setField);
  $("field").addEventListener("keydown", (e) => e.key === "Enter" && setField());
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
    const address = readAddress();
    change(address.edit, toMoment(address));
  });
  theatre.addEventListener("time", moment);
  theatre.addEventListener("ended", () => played && stage(played, played.at, false));
  theatre.addEventListener("select", ({ detail }) => select(detail));
}

// select opens the menu of what was clicked on the stage.
function select(host) {
  if (!host.name) {
    $("menu").close();
    return;
  }
  const frame = $("stage").getBoundingClientRect();
  open(host, targetOf(host), (host.text ?? []).slice(0, 6), frame.left + (host.x ?? 0) + 12, frame.top + (host.y ?? 0) + 12);
}

// choose chooses a host by its words, and opens its menu below them.
function choose({ name, role }, strategy, button) {
  theatre.stage.select(strategy, name);
  const host = { name, role, strategy };
  const at = button.getBoundingClientRect();
  open(host, targetOf(host), JSON.parse(theatre.stage.history(strategy, name)).slice(0, 6), at.left, at.bottom + 4);
}

// open opens the menu at a place of the window.
function open(host, target, lines, x, y) {
  const menu = $("menu");
  menu.dataset.target = target;
  menu.dataset.role = host.role;
  $("menu-title").textContent = host.strategy ? `${host.name}, ${host.strategy}` : host.name;
  $("menu-history").replaceChildren(...lines.map((line) => element("li", { textContent: line })));
  const poked = [...$("target").options].some((o) => o.value === target);
  if (poked) $("target").value = target;
  for (const b of menu.querySelectorAll("[data-strike]")) b.hidden = !poked;
  strikes();
  // Its size is known once it is open, when it has taken the focus: where that
  // does not scroll the page.
  move(menu, 0, 0);
  if (!menu.open) menu.show();
  move(menu, x, y);
}

// tell opens the menu of a target with what happened to it in each lane: what a
// click on the stage shows, for those who do not click.
function tell(target) {
  const lines = [];
  let found;
  for (const lane of theatre.state()?.lanes ?? []) {
    const host = lane.hosts?.find((h) => targetOf(h) === target);
    if (!host) continue;
    found = host;
    for (const line of JSON.parse(theatre.stage.history(lane.strategy, host.name)).slice(0, 4)) lines.push(`${lane.strategy}: ${line}`);
  }
  if (!found) return;
  const button = $("history").getBoundingClientRect();
  open({ name: found.name, role: found.role }, target, lines, button.left, button.bottom + 4);
}

// move puts a box at a place of the window, all of it within.
function move(box, x, y) {
  box.style.left = `${Math.max(8, Math.min(x, document.documentElement.clientWidth - box.offsetWidth - 8)) + scrollX}px`;
  box.style.top = `${Math.max(8, Math.min(y, innerHeight - box.offsetHeight - 8)) + scrollY}px`;
}

function download() {
  if (!now.yaml) return;
  const url = URL.createObjectURL(new Blob([now.yaml], { type: "application/yaml" }));
  const a = element("a", { href: url, download: `${now.scenario.name}.yaml` });
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

globalThis.protosim = {
  state: () => ({ ...now, stage: theatre?.state() ?? null, workers: workers().length, prepared: prepared(), problems: [...$("problems").children].map((p) => p.dataset.text) }),
  workers,
};
