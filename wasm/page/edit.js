// An edit is a scenario of the library and what was changed in it: what is
// simulated, what the address says, and what can be undone. It is a plain value
// that is never changed, only replaced.
//
//   {scenario, set: [[path, value]…], faults: [{at, kind, target, …}…],
//    strategies: [name…] or null, seed: number or null}

export function plain(scenario) {
  return { scenario, set: [], faults: [], strategies: null, seed: null };
}

// withSet changes a field; a value of null takes the change back.
export function withSet(edit, path, value) {
  const set = edit.set.filter(([p]) => p !== path);
  if (value !== null) set.push([path, value]);
  return { ...edit, set };
}

export function withFault(edit, fault) {
  return { ...edit, faults: [...edit.faults, fault] };
}

export function isPlain(edit) {
  return edit.set.length === 0 && edit.faults.length === 0 && !edit.strategies && edit.seed === null;
}

// request is the edit as the engine wants it. Text is that of the scenario's file
// if it is not of the library.
export function request(edit, text) {
  return {
    ...(text === undefined ? { scenario: edit.scenario } : { yaml: text }),
    set: edit.set.map(([path, value]) => `${path}=${value}`),
    faults: edit.faults.map((f) => `{${fields(f, ": ").join(", ")}}`),
    strategies: edit.strategies ?? [],
    seed: edit.seed ?? 0,
  };
}

function fields(fault, colon) {
  return Object.entries(fault).map(([name, value]) => name + colon + value);
}

// write puts an edit and a time in seconds into the fragment of an address:
// #server-crash&set=network.rtt=80ms&fault=at:20s,kind:crash,target:www-1&t=19.5
export function write(edit, seconds) {
  const parts = [encode(edit.scenario)];
  for (const [path, value] of edit.set) parts.push(`set=${encode(`${path}=${value}`)}`);
  for (const f of edit.faults) parts.push(`fault=${encode(fields(f, ":").join(","))}`);
  if (edit.strategies) parts.push(`strategies=${encode(edit.strategies.join(","))}`);
  if (edit.seed !== null) parts.push(`seed=${edit.seed}`);
  if (seconds > 0) parts.push(`t=${Math.round(seconds * 1000) / 1000}`);
  return "#" + parts.join("&");
}

function encode(text) {
  return encodeURIComponent(text).replace(/%(3D|3A|2C|7B|7D|20|5B|5D)/g, (all, code) => (code === "20" ? "+" : decodeURIComponent(all)));
}

// read reads what write wrote, or somebody typed. What it cannot use it leaves
// out, and says so in problems. Names are those of the library.
export function read(fragment, names, strategies, fallback) {
  const problems = [];
  let edit = plain(fallback);
  let seconds = 0;
  const parts = fragment.replace(/^#/, "").split("&").filter(Boolean);
  parts.forEach((part, i) => {
    const equals = part.indexOf("=");
    const key = equals < 0 ? (i === 0 ? "scenario" : "") : part.slice(0, equals);
    let value;
    try {
      value = decodeURIComponent(part.slice(equals + 1).replaceAll("+", " "));
    } catch {
      problems.push(`“${part}” is not written as addresses are`);
      return;
    }
    switch (key) {
      case "scenario":
        if (names.includes(value)) edit = { ...edit, scenario: value };
        else problems.push(`there is no scenario “${value}”`);
        return;
      case "set": {
        const [path, ...rest] = value.split("=");
        if (path && rest.length > 0) edit = withSet(edit, path, rest.join("="));
        else problems.push(`“set=${value}” is not written like set=network.rtt=80ms`);
        return;
      }
      case "fault": {
        const fault = readFault(value);
        if (fault) edit = withFault(edit, fault);
        else problems.push(`“fault=${value}” is not written like fault=at:20s,kind:crash,target:www-1`);
        return;
      }
      case "strategies": {
        const known = value.split(",").filter((s) => strategies.includes(s));
        if (known.length < value.split(",").length) problems.push(`“strategies=${value}” names one that there is not`);
        if (known.length > 0) edit = { ...edit, strategies: [...new Set(known)] };
        return;
      }
      case "seed":
        if (/^[1-9]\d{0,15}$/.test(value)) edit = { ...edit, seed: Number(value) };
        else problems.push(`a seed cannot be “${value}”`);
        return;
      case "t":
        if (/^\d+(\.\d+)?$/.test(value)) seconds = Number(value);
        else problems.push(`a time cannot be “${value}”`);
        return;
      default:
        problems.push(`nobody knows “${part}”`);
    }
  });
  return { edit, seconds, problems };
}

function readFault(text) {
  const fault = {};
  for (const field of text.split(",")) {
    const m = /^\s*([a-z_]+)\s*:\s*([\w.%-]+)\s*$/.exec(field);
    if (!m) return null;
    fault[m[1]] = m[2];
  }
  return fault.at && fault.kind ? fault : null;
}
