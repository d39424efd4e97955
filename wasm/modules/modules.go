// Package modules has the page's WebAssembly: what there is, how it is built,
// and where it is found at run time. With the tag embedded it is part of the
// program, put there by make build; otherwise it is built from the checkout
// when it is asked for.
package modules

// Module is one WebAssembly program of the page.
type Module struct {
	Name    string // of the file, without .wasm
	Package string // its path within this module of Go
	OS      string // GOOS: wasip1 for a Web Worker, js for the page itself
	Tags    string // of the build
	First   bool   // needed for the first view; the others load after it
}

// All returns the modules in the order in which the page needs them.
func All() []Module {
	return []Module{
		// Without expectations the engine is half as large: see scenarios.
		{Name: "engine", Package: "./wasm/engine", OS: "wasip1", Tags: "noexpectations", First: true},
		{Name: "viewer", Package: "./wasm/viewer", OS: "js", First: true},
		// For scenarios with faults that wait for a condition.
		{Name: "engine-whole", Package: "./wasm/engine", OS: "wasip1"},
		{Name: "verdict", Package: "./wasm/verdict", OS: "wasip1"},
	}
}

// Glue is the JavaScript that starts a module for GOOS=js; it is Go's own.
const Glue = "wasm_exec.js"
