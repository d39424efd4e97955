// The engine: WebAssembly programs that are compiled once and run in workers,
// one worker for each run. Some are started while nobody asks for a run yet.

// Failure is what the user should know of an error.
export class Failure extends Error {
  constructor(message, { remedy = "", input = false } = {}) {
    super(message);
    this.remedy = remedy;
    this.input = input; // what was asked for is at fault
  }
}

// compile loads and compiles a module. Progress hears which part has come.
export async function compile(url, size, progress = () => {}) {
  let response;
  try {
    response = await fetch(url);
  } catch (e) {
    throw new Failure(`${url} cannot be loaded: ${e.message}`, { remedy: "Is the server still running? Reload the page when it is." });
  }
  if (!response.ok) throw new Failure(`${url} cannot be loaded: ${response.status} ${response.statusText}`, { remedy: "Reload the page." });
  let loaded = 0;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.length;
        progress(size ? Math.min(1, loaded / size) : 0);
        controller.enqueue(chunk);
      },
    }),
  );
  return WebAssembly.compileStreaming(new Response(counted, { headers: { "Content-Type": "application/wasm" } }));
}

// patience is how long a worker may say nothing while it works.
const patience = 60_000;

const alive = new Set();

// workers are those that run now; tests end some.
export function workers() {
  return [...alive];
}

// waiting are workers whose program is started, all of the same module.
let waiting = [];

// prepare has a number of workers, or more, wait for requests to a module, and none
// to another.
export function prepare(module, count) {
  for (const { worker } of waiting.filter((w) => w.module !== module)) dismiss(worker);
  while (waiting.length < count) {
    const worker = begin(module);
    worker.onerror = (e) => {
      e.preventDefault();
      dismiss(worker); // the next one says what is wrong
    };
    worker.onmessage = () => dismiss(worker); // it could not start
    waiting.push({ module, worker });
  }
}

function dismiss(worker) {
  worker.terminate();
  waiting = waiting.filter((w) => w.worker !== worker);
}

// prepared is how many workers wait.
export function prepared() {
  return waiting.length;
}

// begin returns a worker in which a module's program starts.
function begin(module) {
  const worker = new Worker("worker.js", { type: "module" });
  worker.postMessage({ module });
  return worker;
}

// take returns a worker that waits, or a new one.
function take(module) {
  const at = waiting.findIndex((w) => w.module === module);
  return at < 0 ? begin(module) : waiting.splice(at, 1)[0].worker;
}

// start runs a module on a request in a worker of its own. On hears each
// message. It returns the promise of its end and a function that ends it now.
export function start(module, request, on = () => {}, silence = patience) {
  const worker = take(module);
  alive.add(worker);
  let settle, watch, failed;
  const done = new Promise((resolve, reject) => {
    settle = (error, value) => {
      clearTimeout(watch);
      worker.terminate();
      alive.delete(worker);
      if (error) reject(error);
      else resolve(value);
    };
  });
  const died = (why) => {
    prepare(null, 0); // memory may be what it lacks
    settle(new Failure(`The simulation ended unexpectedly: ${why}`, { remedy: "It may need more memory than the browser gives. Try fewer clients; the page goes on working." }));
  };
  const heard = () => {
    clearTimeout(watch);
    watch = setTimeout(() => died(`it has not been heard of for ${silence / 1000} s`), silence);
  };
  worker.onerror = (e) => {
    e.preventDefault();
    died(e.message || "the worker could not be started");
  };
  worker.onmessageerror = () => died("a message of it could not be read");
  worker.onmessage = ({ data }) => {
    heard();
    switch (data.kind) {
      case "error":
        failed = new Failure(data.body.message, data.body);
        return;
      case "end":
        if (failed) settle(failed);
        else if (data.code !== 0) died(firstLine(data.said) || `exit code ${data.code}`);
        else settle(null);
        return;
    }
    on(data);
  };
  heard();
  worker.postMessage({ request: typeof request === "string" ? request : JSON.stringify(request) });
  done.catch(() => {}); // whoever cancels does not wait
  return { done, cancel: () => settle(new Failure("cancelled")) };
}

function firstLine(text) {
  return text.trim().split("\n", 1)[0].slice(0, 300);
}
