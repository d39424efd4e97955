// The page's side of the stage: a document of its own in which the viewer draws
// (wasm/viewer says what it offers), and what is done where it cannot.

import { Clock } from "./clock.js";

const start = 60_000; // the longest that the viewer may take until it draws

export class Theatre extends EventTarget {
  // note is where it says why there is nothing to see.
  constructor(frame, note) {
    super();
    this.place = frame;
    this.note = note;
    this.stage = null;
    this.shows = null; // what the stage was reset to
    this.ready = new Promise((resolve) => (this.resolve = resolve));
  }

  // open loads the viewer. It resolves when there is a stage, or only a clock.
  open(size) {
    if (!size) {
      this.fail("This protosim was built without the stage. Time, table and charts work without it.");
      return this.ready;
    }
    if (!hasWebGL2()) {
      this.fail("This browser draws no WebGL 2, so there is no stage. Time, table and charts work without it.");
      return this.ready;
    }
    addEventListener("stage-loading", ({ detail }) => this.say(`Loading the stage… ${Math.round(100 * detail.part)} %`));
    addEventListener("stage-ended", ({ detail }) => this.fail(`The stage has ended: ${detail.reason}. Time, table and charts work without it; reload the page to have it back.`));
    const frame = document.createElement("iframe");
    frame.title = "The stage: hosts and what moves between them, said in words below";
    frame.src = `stage.html?size=${size}`;
    this.place.append(frame);
    this.frame = frame;
    const began = performance.now();
    const poll = () => {
      if (this.ended) return;
      if (globalThis.protosimStage) return this.begin(globalThis.protosimStage);
      if (performance.now() - began > start) return this.fail("The stage does not start. Time, table and charts work without it.");
      setTimeout(poll, 20);
    };
    poll();
    return this.ready;
  }

  begin(stage) {
    stage.on((event, json) => {
      const detail = json ? JSON.parse(json) : {};
      if (event === "ready") {
        this.say("");
        this.stage = stage;
        this.resolve();
      }
      this.dispatchEvent(new CustomEvent(event, { detail }));
    });
  }

  fail(why) {
    this.ended = true;
    this.shows = null;
    this.frame?.remove();
    this.say(why);
    this.stage = new Clock();
    this.stage.on((event) => this.dispatchEvent(new CustomEvent(event)));
    this.resolve();
    this.dispatchEvent(new CustomEvent("ended"));
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  // draws says that there is a stage, and not only a clock.
  get draws() {
    return this.stage !== null && !this.ended;
  }

  // state is where the stage is, null until it is there.
  state() {
    return this.stage ? JSON.parse(this.stage.state()) : null;
  }
}

function hasWebGL2() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}
