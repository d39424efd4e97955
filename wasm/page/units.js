// Durations as scenarios write them, and as people read them.

const ms = { ns: 1e-6, "µs": 1e-3, us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

// milliseconds of "1m30s" or "50ms".
export function milliseconds(text) {
  let sum = 0;
  for (const [, n, unit] of String(text).matchAll(/([\d.]+)(ns|µs|us|ms|s|m|h)/g)) sum += Number(n) * ms[unit];
  return sum;
}

// duration writes milliseconds as a scenario does, to the millisecond: faults
// are said in round numbers.
export function duration(milliseconds) {
  const whole = Math.round(milliseconds);
  return whole % 1000 === 0 ? `${whole / 1000}s` : `${whole}ms`;
}

// clock writes a time of the run, as the stage does: "20.00 s".
export function clock(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

// mean of a distribution as a scenario writes it, in milliseconds: "1s",
// {exponential: {mean: 2s}}, {uniform: {min: 1s, max: 3s}}.
export function mean(dist) {
  if (typeof dist === "string") return milliseconds(dist);
  const [kind, parameters] = Object.entries(dist ?? {})[0] ?? [];
  switch (kind) {
    case "uniform":
      return (milliseconds(parameters.min) + milliseconds(parameters.max)) / 2;
    case "constant":
      return milliseconds(parameters.value ?? parameters);
  }
  return milliseconds(parameters?.mean ?? parameters?.median ?? 0);
}

// ratio of "1.5%" or 0.015.
export function ratio(text) {
  const n = parseFloat(text);
  return String(text).endsWith("%") ? n / 100 : n;
}
