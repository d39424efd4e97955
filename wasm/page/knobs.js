// What of a scenario can be turned: sliders and switches. Each knows where it
// applies, how a scenario's value becomes a position, and what to set.

import { milliseconds, mean, ratio, duration } from "./units.js";

const round = (n, digits = 2) => Number(n.toPrecision(digits));

// A logarithmic scale from low to high in 100 steps.
const log = (low, high) => ({
  min: 0,
  max: 100,
  at: (value) => (100 * Math.log(Math.max(low, Math.min(high, value)) / low)) / Math.log(high / low),
  value: (at) => low * (high / low) ** (at / 100),
});
const linear = (low, high) => ({ min: low, max: high, at: (v) => Math.max(low, Math.min(high, v)), value: (at) => at });

export const knobs = [
  {
    id: "clients",
    label: "Clients",
    scale: log(1, 10_000),
    read: (s) => s.clients.count,
    show: (n) => String(n),
    tidy: (n) => Math.max(1, Math.round(round(n))),
    sets: (n) => [["clients.count", String(n)]],
  },
  {
    id: "rtt",
    label: "Round-trip time",
    scale: linear(0, 500),
    step: 5,
    read: (s) => milliseconds(s.network.rtt),
    show: (n) => `${n} ms`,
    tidy: (n) => Math.round(n),
    sets: (n) => [["network.rtt", duration(n)]],
  },
  {
    id: "loss",
    label: "Packets lost",
    scale: linear(0, 10),
    step: 0.1,
    read: (s) => 100 * ratio(s.network.down.loss),
    show: (n) => `${n} %`,
    tidy: (n) => Math.round(10 * n) / 10,
    sets: (n) => [["network.down.loss", `${n}%`], ["network.up.loss", `${n}%`]],
  },
  {
    id: "events",
    label: "Events",
    where: (s) => s.workload === "push",
    scale: log(0.05, 20),
    read: (s) => 1000 / mean(s.push.interval),
    show: (n) => `${n} a second`,
    tidy: (n) => round(n),
    sets: (n) => [["push.interval", `{exponential: {mean: ${duration(1000 / n)}}}`]],
  },
  {
    id: "actions",
    label: "Pause between a user's actions",
    where: (s) => s.workload === "session",
    scale: log(0.1, 60),
    read: (s) => mean(s.session.interval) / 1000,
    show: (n) => `${n} s`,
    tidy: (n) => round(n),
    sets: (n) => [["session.interval", `{uniform: {min: ${duration(500 * n)}, max: ${duration(1500 * n)}}}`]],
  },
  {
    id: "chat",
    label: "Pause between a user's actions",
    where: (s) => s.workload === "chat",
    scale: log(0.1, 60),
    read: (s) => mean(s.chat.interval) / 1000,
    show: (n) => `${n} s`,
    tidy: (n) => round(n),
    sets: (n) => [["chat.interval", `{uniform: {min: ${duration(500 * n)}, max: ${duration(1500 * n)}}}`]],
  },
];

export const switches = [
  {
    id: "upgrade",
    label: "The balancer forwards Upgrade",
    hint: "Without it no WebSocket gets through an L7 balancer.",
    where: (s) => s.balancer.kind === "l7",
    read: (s) => s.balancer.upgrade,
    sets: (on) => [["balancer.upgrade", String(on)]],
  },
  {
    id: "cache",
    label: "Caches at the edge",
    hint: "They answer what they have, and spare the servers.",
    where: (s) => s.cache.edges > 0 || s.workload === "page",
    read: (s) => s.cache.edges > 0,
    sets: (on, shipped) => [["cache.edges", String(on ? shipped.cache.edges || 1 : 0)]],
    stays: (shipped) => shipped.cache.edges > 0,
  },
  {
    id: "firewalls",
    label: "Firewalls between clients and servers",
    hint: "Some of them know no WebSocket.",
    where: (s) => s.firewalls?.length > 0,
    read: (s) => s.firewalls?.length > 0,
    sets: (on) => [["firewalls", on ? null : "[]"]],
    stays: (shipped) => shipped.firewalls?.length > 0,
  },
  {
    id: "store",
    label: "Sessions in a shared store",
    hint: "They outlive the servers, for two round trips to the store in each request.",
    where: (s) => s.workload === "session" && s.balancer.kind !== "none",
    read: (s) => s.session.state === "store",
    sets: (on, shipped) => [["session.state", on ? "store" : shipped.session.state === "store" ? "auto" : shipped.session.state]],
  },
];

// draw shows the controls for a scenario. Changed hears [[path, value]…].
export function draw(into, scenario, shipped, changed) {
  const focused = document.activeElement?.id;
  into.replaceChildren();
  for (const k of knobs) {
    if (k.where && !k.where(scenario)) continue;
    const value = k.tidy(k.read(scenario));
    const input = element("input", { type: "range", id: `knob-${k.id}`, min: k.scale.min, max: k.scale.max, step: k.step ?? 1, value: k.scale.at(value) });
    const output = element("output", { htmlFor: input.id, textContent: k.show(value) });
    input.setAttribute("aria-valuetext", k.show(value));
    input.addEventListener("input", () => {
      const now = k.tidy(k.scale.value(Number(input.value)));
      output.textContent = k.show(now);
      input.setAttribute("aria-valuetext", k.show(now));
      changed(k.sets(now));
    });
    const label = element("label", { htmlFor: input.id, textContent: k.label });
    const row = element("div", { className: "knob" });
    row.append(label, output, input);
    into.append(row);
  }
  for (const s of switches) {
    if (!s.where(scenario) && !s.stays?.(shipped)) continue;
    const input = element("input", { type: "checkbox", id: `switch-${s.id}`, checked: s.read(scenario) });
    input.setAttribute("aria-describedby", `hint-${s.id}`);
    input.addEventListener("change", () => changed(s.sets(input.checked, shipped)));
    const label = element("label", { htmlFor: input.id, textContent: s.label });
    const row = element("div", { className: "switch" });
    row.append(input, label, element("small", { id: `hint-${s.id}`, textContent: s.hint }));
    into.append(row);
  }
  if (focused) document.getElementById(focused)?.focus();
}

export function element(name, properties = {}, ...children) {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...children);
  return e;
}
