// Time without a stage: where nothing can be drawn the scrubber still leads
// through the run, its faults and its strips. It has those of the stage's
// functions that are about time (wasm/viewer says what they do).

import { milliseconds } from "./units.js";

const tick = 100;

export class Clock {
  constructor() {
    this.now = 0;
    this.end = 0;
    this.chosen = 0;
    this.faultTimes = [];
  }

  on(listener) {
    this.listener = listener;
  }

  tell() {
    this.listener?.("time");
  }

  reset(scenario) {
    const s = JSON.parse(scenario);
    this.end = milliseconds(s.duration);
    this.faultTimes = (s.faults ?? []).filter((f) => !f.when).map((f) => milliseconds(f.at ?? "0s"));
    this.now = Math.min(this.now, this.end);
  }

  load() {
    return "";
  }

  get rate() {
    return this.chosen || Math.max(0.01, this.end / 30_000);
  }

  play() {
    if (this.now >= this.end) this.now = 0;
    this.timer ??= setInterval(() => {
      this.now = Math.min(this.end, this.now + tick * this.rate);
      if (this.now >= this.end) this.pause();
      this.tell();
    }, tick);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  seek(ms) {
    this.now = Math.min(Math.max(ms, 0), this.end);
    this.tell();
  }

  speed(x) {
    this.chosen = x;
  }

  step(direction) {
    this.pause();
    this.seek(this.now + direction * tick);
  }

  nextFault() {
    const sorted = [...this.faultTimes].sort((a, b) => a - b);
    const next = sorted.find((t) => t > this.now) ?? sorted[0];
    if (next !== undefined) this.seek(next);
  }

  select() {}

  state() {
    return JSON.stringify({ now_ms: this.now, end_ms: this.end, known_ms: this.end, playing: this.timer !== undefined, speed: this.rate, lanes: [] });
  }
}
