// The trace of one strategy's run, as far as it has come: the engine sends it in
// pieces, while it simulates.

export class Trace {
  constructor() {
    this.pieces = [];
    this.known = 0; // virtual milliseconds before which all has come, Infinity for all of it
    this.memory = 0; // bytes that a connection takes of a server, 0 if unknown
  }

  add(piece) {
    this.pieces.push(piece);
  }

  get whole() {
    return this.known === Infinity;
  }

  // bytes are all that have come, as one array.
  bytes() {
    if (this.pieces.length !== 1) {
      const all = new Uint8Array(this.pieces.reduce((sum, p) => sum + p.length, 0));
      let at = 0;
      for (const p of this.pieces) {
        all.set(p, at);
        at += p.length;
      }
      this.pieces = [all];
    }
    return this.pieces[0];
  }
}
