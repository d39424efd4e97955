// Runs the viewer in a document of its own, of which Ebiten takes the body. What
// the page needs of it is protosimStage, on the parent's window.
const go = new globalThis.Go();
try {
  const size = Number(new URLSearchParams(location.search).get("size"));
  const { compile } = await import("./engine.js");
  const module = await compile("viewer.wasm", size, (part) => tell("loading", { part }));
  const instance = await WebAssembly.instantiate(module, go.importObject);
  go.run(instance).then(() => tell("ended", { reason: "the stage's program ended" }));
} catch (e) {
  tell("ended", { reason: String(e.message ?? e) });
}

function tell(event, detail) {
  parent.dispatchEvent(new CustomEvent(`stage-${event}`, { detail }));
}
