// The engine is the whole simulator as a program for the browser: built for
// GOOS=wasip1 it runs in a Web Worker behind the page's WASI layer, where it is
// started before there is a request and then called to answer one (package modules
// builds it so). As any other program it answers what standard input has. Built with the tag noexpectations it is
// half as large, and knows neither expectations, which the program verdict judges,
// nor conditions, for which the page loads it without the tag.
package main

import (
	"os"
	"runtime/debug"

	"protosim/wasm/requests"
)

// version is set by the linker: see package modules.
var version = "(devel)"

func main() { answer() }

// answer answers the one request that standard input has.
//
//go:wasmexport answer
func answer() {
	if os.Getenv("GOGC") == "" {
		// Less time for more memory, of which the command takes less: here all is done
		// by one thread, collecting garbage included. The limit keeps a large
		// run within what a 32-bit address space has.
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(2 << 30)
	}
	requests.Answer(os.Stdin, os.Stdout, map[string]requests.Handler{
		"describe": describe,
		"simulate": simulate,
		"join":     join,
	})
}

// join puts runs that were simulated side by side into one result.
func join(request []byte, out *requests.Frames) error {
	res, err := requests.Join(request)
	if err != nil {
		return err
	}
	return requests.Finish(res, out)
}
