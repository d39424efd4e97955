// Runs one program of ours: first {module} comes, which is started, then {request},
// which it answers by messages. Whoever has seen enough terminates the worker.
import { start } from "./wasi.js";
import { Frames } from "./frames.js";

const said = [];
const decoder = new TextDecoder();
const frames = new Frames(post);
let started;

onmessage = async ({ data: { module, request } }) => {
  try {
    if (module) {
      started = start(module, { output: (bytes) => frames.take(bytes), errors: (bytes) => said.push(decoder.decode(bytes)) });
      await started;
    } else {
      const answer = await started;
      const code = answer(new TextEncoder().encode(request));
      post({ kind: "end", code, said: said.join("") });
    }
  } catch (e) {
    post({ kind: "end", code: -1, said: said.join("") + e });
  }
};

function post(message) {
  const bytes = message.body instanceof Uint8Array ? [message.body.buffer] : [];
  postMessage(message, bytes);
}
