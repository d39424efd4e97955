// Reads the engine's messages: a byte for the kind, four for the length, least
// significant first, and the body. See wasm/requests/frames.go.

const kinds = { p: "progress", s: "scenario", y: "yaml", t: "trace", r: "result", c: "table", v: "verdict", e: "error" };
const text = new TextDecoder();

export class Frames {
  // post is called with {kind, body}: texts and what JSON says, for the next piece
  // of a trace {kind, strategy, body} with its bytes.
  constructor(post) {
    this.post = post;
    this.head = new Uint8Array(5);
    this.filled = 0; // bytes of the head, then of the body
    this.body = null;
  }

  take(bytes) {
    while (bytes.length > 0) {
      const into = this.body ?? this.head;
      const part = bytes.subarray(0, into.length - this.filled);
      into.set(part, this.filled);
      this.filled += part.length;
      bytes = bytes.subarray(part.length);
      if (this.filled < into.length) return;
      if (!this.body) {
        this.body = new Uint8Array(new DataView(this.head.buffer).getUint32(1, true));
        this.filled = 0;
        if (this.body.length > 0) continue;
      }
      const kind = kinds[String.fromCharCode(this.head[0])];
      const body = this.body;
      this.body = null;
      this.filled = 0;
      this.message(kind, body);
    }
  }

  message(kind, body) {
    switch (kind) {
      case undefined:
        throw new Error("the engine and the page are of different versions");
      case "trace": {
        const end = 1 + body[0];
        this.post({ kind, strategy: text.decode(body.subarray(1, end)), body: body.subarray(end) });
        return;
      }
      case "yaml":
      case "result": // stays a text: others read it, and its numbers as they are
        this.post({ kind, body: text.decode(body) });
        return;
    }
    this.post({ kind, body: JSON.parse(text.decode(body)) });
  }
}
