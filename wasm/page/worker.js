// Runs one program of ours: {module, request} comes, messages of it go. Whoever
// has seen enough terminates the worker.
import { run } from "./wasi.js";
import { Frames } from "./frames.js";

onmessage = async ({ data: { module, request } }) => {
  const said = [];
  const decoder = new TextDecoder();
  try {
    const frames = new Frames(post);
    const code = await run(module, {
      input: new TextEncoder().encode(request),
      output: (bytes) => frames.take(bytes),
      errors: (bytes) => said.push(decoder.decode(bytes)),
    });
    post({ kind: "end", code, said: said.join("") });
  } catch (e) {
    post({ kind: "end", code: -1, said: said.join("") + e });
  }
};

function post(message) {
  const bytes = message.body instanceof Uint8Array ? [message.body.buffer] : [];
  postMessage(message, bytes);
}
