// Runs one program of ours: {module, request} comes, messages of it go. Whoever
// has seen enough terminates the worker.
import { run } from "./wasi.js";
import { Frames } from "./frames.js";

onmessage = async ({ data: { module, request, framed } }) => {
  const said = [];
  const decoder = new TextDecoder();
  try {
    const frames = framed ? new Frames(post) : new Whole(post);
    const code = await run(module, {
      input: new TextEncoder().encode(request),
      output: (bytes) => frames.take(bytes),
      errors: (bytes) => said.push(decoder.decode(bytes)),
    });
    frames.end();
    post({ kind: "end", code, said: said.join("") });
  } catch (e) {
    post({ kind: "end", code: -1, said: said.join("") + e });
  }
};

function post(message) {
  const bytes = message.body instanceof Uint8Array ? [message.body.buffer] : [];
  postMessage(message, bytes);
}

// Whole is the output of a program that writes one JSON text.
class Whole {
  constructor(post) {
    this.post = post;
    this.decoder = new TextDecoder();
    this.text = "";
  }
  take(bytes) {
    this.text += this.decoder.decode(bytes, { stream: true });
  }
  end() {
    if (this.text) this.post({ kind: "whole", body: JSON.parse(this.text) });
  }
}
