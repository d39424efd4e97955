// A small WASI preview 1, as far as Go's wasip1 needs it: standard input from a
// byte array, output to functions, a clock, random numbers. There are no files
// and no sockets; whoever asks for them is told ENOSYS or EBADF.

const success = 0, badFile = 8, notImplemented = 52;

// room is how many pages of 64 kB a program has from the start, 256 MB. Go asks
// for memory in small steps, and each of them costs the browser about as much as a
// millisecond of the program; what is never touched costs nothing.
const room = 4096;

// glances is how many readings of a clock share one look at the browser's: Go's
// scheduler reads it whenever a goroutine waits.
const glances = 64;

// Exit is how a program ends: WebAssembly cannot be left but by an exception.
export class Exit extends Error {
  constructor(code) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

// start starts a compiled program, which then waits, and returns how to have it
// answer a request: a function of the input that returns the exit code. It can be
// asked once. Output and errors are called with byte arrays that are theirs to keep.
export async function start(module, { output, errors, env = {} }) {
  const system = new System(output, errors, env);
  const instance = await WebAssembly.instantiate(module, system.imports(module));
  system.memory = instance.exports.memory;
  try {
    system.memory.grow(room);
  } catch {
    // A browser that has not so much to give may have enough all the same.
  }
  instance.exports._initialize();
  return (input) => {
    system.input = input;
    try {
      instance.exports.answer();
    } catch (e) {
      if (e instanceof Exit) return e.code;
      throw e;
    }
    return 0;
  };
}

class System {
  constructor(output, errors, env) {
    this.input = new Uint8Array(0);
    this.read = 0; // bytes of input so far
    this.sinks = { 1: output, 2: errors };
    this.env = Object.entries(env).map(([k, v]) => new TextEncoder().encode(`${k}=${v}\0`));
    this.args = [new TextEncoder().encode("protosim\0")];
    this.skipped = 0; // nanoseconds that nobody waited for: see poll_oneoff
    this.looked = 0; // milliseconds, by the browser's clock, when last looked at
    this.readings = 0; // of a clock so far
    this.random = new Uint8Array(65536); // that the browser gives at a time
    this.drawn = this.random.length; // bytes of it that are used up
  }

  // imports answers what the module asks for, and refuses what is not here.
  imports(module) {
    const system = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      if (from !== "wasi_snapshot_preview1") throw new Error(`the module wants ${from}.${name}`);
      system[name] = this[name] ? this[name].bind(this) : () => notImplemented;
    }
    return { wasi_snapshot_preview1: system };
  }

  // view is of the memory as it is now: it moves when it grows.
  get view() {
    if (this.cached?.buffer !== this.memory.buffer) this.cached = new DataView(this.memory.buffer);
    return this.cached;
  }

  bytes(at, length) {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  args_sizes_get(count, size) {
    return this.sizes(this.args, count, size);
  }
  args_get(pointers, buffer) {
    return this.texts(this.args, pointers, buffer);
  }
  environ_sizes_get(count, size) {
    return this.sizes(this.env, count, size);
  }
  environ_get(pointers, buffer) {
    return this.texts(this.env, pointers, buffer);
  }
  sizes(texts, count, size) {
    this.view.setUint32(count, texts.length, true);
    this.view.setUint32(size, texts.reduce((sum, t) => sum + t.length, 0), true);
    return success;
  }
  texts(texts, pointers, buffer) {
    for (const text of texts) {
      this.view.setUint32(pointers, buffer, true);
      this.bytes(buffer, text.length).set(text);
      pointers += 4;
      buffer += text.length;
    }
    return success;
  }

  // now is the time of a clock in nanoseconds: 0 is the time of day. Between two
  // looks at the browser's clock each reading is a nanosecond after the one before.
  now(clock) {
    if (this.readings++ % glances === 0) this.looked = performance.now();
    const ms = clock === 0 ? performance.timeOrigin + this.looked : this.looked;
    return Math.round(ms * 1e6) + this.skipped + this.readings;
  }
  clock_time_get(clock, _precision, at) {
    const { view } = this;
    const now = this.now(clock);
    view.setUint32(at, now % 2 ** 32, true);
    view.setUint32(at + 4, now / 2 ** 32, true);
    return success;
  }
  clock_res_get(_clock, at) {
    this.view.setBigUint64(at, 1000n, true);
    return success;
  }

  // poll_oneoff is called when a program has nothing to do until some time. A
  // worker cannot wait without spinning, and a simulation asks nothing of the
  // wall clock: so the time is said to have passed.
  poll_oneoff(subscriptions, events, count, happened) {
    const clocks = [];
    let written = 0;
    const event = (from, type) => {
      const to = events + 32 * written++;
      this.bytes(to, 32).fill(0);
      this.view.setBigUint64(to, this.view.getBigUint64(from, true), true);
      this.view.setUint8(to + 10, type);
    };
    for (let i = 0; i < count; i++) {
      const from = subscriptions + 48 * i;
      const type = this.view.getUint8(from + 8);
      if (type !== 0) {
        event(from, type); // files are always ready
        continue;
      }
      const timeout = Number(this.view.getBigUint64(from + 24, true));
      const absolute = this.view.getUint16(from + 40, true) & 1;
      const wait = absolute ? timeout - this.now(this.view.getUint32(from + 16, true)) : timeout;
      clocks.push({ from, wait: Math.max(0, wait) });
    }
    if (written === 0 && clocks.length > 0) {
      const least = Math.min(...clocks.map((c) => c.wait));
      this.skipped += Math.ceil(least);
      for (const c of clocks) if (c.wait <= least) event(c.from, 0);
    }
    this.view.setUint32(happened, written, true);
    return success;
  }
  sched_yield() {
    return success;
  }

  random_get(at, length) {
    for (let done = 0; done < length; ) {
      if (this.drawn === this.random.length) {
        crypto.getRandomValues(this.random);
        this.drawn = 0;
      }
      const part = this.random.subarray(this.drawn, this.drawn + length - done);
      this.bytes(at + done, part.length).set(part);
      this.drawn += part.length;
      done += part.length;
    }
    return success;
  }

  fd_read(fd, vectors, count, readAt) {
    if (fd !== 0) return badFile;
    let total = 0;
    for (let i = 0; i < count; i++) {
      const at = this.view.getUint32(vectors + 8 * i, true);
      const length = this.view.getUint32(vectors + 8 * i + 4, true);
      const part = this.input.subarray(this.read, this.read + length);
      this.bytes(at, part.length).set(part);
      this.read += part.length;
      total += part.length;
    }
    this.view.setUint32(readAt, total, true);
    return success;
  }
  fd_write(fd, vectors, count, writtenAt) {
    const sink = this.sinks[fd];
    if (!sink) return badFile;
    let total = 0;
    for (let i = 0; i < count; i++) {
      const at = this.view.getUint32(vectors + 8 * i, true);
      const length = this.view.getUint32(vectors + 8 * i + 4, true);
      if (length > 0) sink(this.bytes(at, length).slice());
      total += length;
    }
    this.view.setUint32(writtenAt, total, true);
    return success;
  }
  fd_fdstat_get(fd, at) {
    if (fd > 2) return badFile;
    this.bytes(at, 24).fill(0);
    this.view.setUint8(at, 2); // a character device, which blocks
    this.view.setBigUint64(at + 8, 0xffffffffffffffffn, true);
    return success;
  }
  fd_fdstat_set_flags() {
    return success;
  }
  fd_close() {
    return success;
  }
  fd_prestat_get() {
    return badFile; // there are no folders
  }

  proc_exit(code) {
    throw new Exit(code);
  }
}
