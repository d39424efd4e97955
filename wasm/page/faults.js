// The faults of a scenario: in words, when they take place, and who is down.

import { milliseconds, duration, clock } from "./units.js";

const several = (f) => f.target === undefined || f.target === "servers" || f.target === "clients";

// what happens, for one target and for several.
const words = {
  crash: ["crashes", "crash"],
  vanish: ["vanishes", "vanish"],
  deploy: ["is deployed", "are deployed one by one"],
  slow: ["is slow", "are slow"],
  errors: ["answers with errors", "answer with errors"],
  degrade: ["has bad links", "have bad links"],
};

// faultText says a fault in words, its time being known or not.
export function faultText(f, begin = f.when ? null : milliseconds(f.at ?? "0s")) {
  const target = f.target ?? "servers";
  const who = { servers: "all servers", clients: "the clients", balancer: "the balancer", store: "the store" }[target] ?? target;
  let what;
  switch (f.kind) {
    case "scale":
      what = `the fleet is scaled to ${f.to} server${Number(f.to) === 1 ? "" : "s"}`;
      break;
    case "purge":
      what = "all caches are emptied";
      break;
    case "partition":
      what = `${who} ${several(f) ? "are" : "is"} cut off from ${f.peer}`;
      break;
    default:
      what = `${who} ${words[f.kind]?.[several(f) ? 1 : 0] ?? f.kind}`;
  }
  const lasting = milliseconds(f.for ?? "0s");
  if (lasting > 0) what += ` for ${duration(lasting).replace(/(m?s)$/, " $1")}`;
  else if (f.kind === "crash" || f.kind === "vanish") what += " for good";
  return begin === null ? `when ${f.when}: ${what}` : `${clock(begin)}: ${what}`;
}

// spans says when each of the faults takes place: [{fault, begin, end}…] in
// milliseconds, Infinity for what does not come: by what the runs say of it, from
// the first of them that it met to the last of which it was over; as long as there
// are none, by what the scenario says.
export function spans(faults, runs) {
  const all = runs.flatMap((r) => r.faults ?? []);
  return faults.map((fault, i) => {
    const lasting = milliseconds(fault.for ?? "0s");
    const begin = milliseconds(fault.at ?? "0s");
    const planned = runs.length === 0 && !fault.when ? [{ from_ms: begin, to_ms: begin + lasting }] : [];
    const own = [...planned, ...all.filter((o) => o.fault === i)];
    const forGood = lasting === 0 && !["deploy", "scale", "purge"].includes(fault.kind);
    return { fault, begin: Math.min(...own.map((o) => o.from_ms)), end: forGood || own.length === 0 ? Infinity : Math.max(...own.map((o) => o.to_ms)) };
  });
}

const glance = 3000; // how long is told of what lasts no time, or for good

// isOn says that a fault is to be told of at a time.
export function isOn({ begin, end }, ms) {
  return ms >= begin && ms < (end === Infinity ? begin + glance : Math.max(end, begin + glance));
}

// down is the number of the fault, from 0, because of which the target is down
// at a time, -1 if it is not.
export function down(list, target, ms) {
  return list.findLastIndex(({ fault, begin, end }) => fault.kind === "crash" && (fault.target ?? "servers") === target && begin <= ms && ms < end);
}

// targets are the hosts that faults may be of, by their names in a scenario:
// those that were in the run, or those that the scenario will have.
export function targets(scenario, hosts) {
  if (hosts) {
    const of = (role) => hosts.filter((h) => h.role === role).map(targetOf);
    return [...new Set([...of("server"), ...of("balancer"), ...of("store")])];
  }
  if (scenario.balancer.kind === "none") return ["www"];
  const most = Math.max(scenario.servers.count, ...(scenario.faults ?? []).filter((f) => f.kind === "scale").map((f) => f.to));
  const names = Array.from({ length: most }, (_, i) => `www-${i + 1}`);
  names.push("balancer");
  if (scenario.session.state === "store" && scenario.workload === "session") names.push("store");
  return names;
}

// isServer says that a target is one server.
export const isServer = (target) => /^www(-\d+)?$/.test(target ?? "");

// targetOf is what a host is called as the target of a fault.
export const targetOf = (host) => (host.role === "balancer" ? "balancer" : host.name);
