// The engine is the whole simulator as a program for the browser: built for
// GOOS=wasip1 it runs in a Web Worker behind the page's WASI layer, and under
// wazero or natively just the same. One process answers one request: it reads
// JSON from standard input and writes framed messages to standard output.
package main

import (
	"encoding/json"
	"io"
	"os"
	"runtime/debug"
)

// version is set by the linker: see package modules.
var version = "(devel)"

func main() {
	if os.Getenv("GOGC") == "" {
		// As the command does: less time for more memory. The limit keeps a large
		// run within what a 32-bit address space has.
		debug.SetGCPercent(200)
		debug.SetMemoryLimit(2 << 30)
	}
	out := &frames{w: os.Stdout}
	if err := answer(os.Stdin, out); err != nil {
		out.fail(err)
	}
}

// answer reads one request and does what it asks.
func answer(in io.Reader, out *frames) error {
	var r request
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return err
	}
	switch r.Do {
	case "simulate":
		return r.simulate(out)
	case "describe":
		_, err := r.describe(out)
		return err
	case "judge":
		return r.judge(out)
	}
	return unknownRequest(r.Do)
}
