// The protosim command simulates web systems under HTTP/1.1, HTTP/2 and
// WebSocket, and compares them. See protosim --help.
package main

import (
	"context"
	"io"
	"os"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

func main() {
	if os.Getenv("GOGC") == "" {
		go collect()
	}
	if os.Getenv(workerVariable) != "" {
		os.Exit(workerMain())
	}
	simulate := world.Simulate
	var pool workers
	if program, err := os.Executable(); err == nil {
		pool.program = program
		simulate = pool.simulate
	}
	p := &process{
		stdin:    os.Stdin,
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		env:      os.Getenv,
		simulate: simulate,
	}
	code := p.main(os.Args[1:])
	pool.close()
	os.Exit(code)
}

// process is what the command has of the outside world, and the simulator. It
// is a value so that tests can run the whole command on input and a simulator
// of their own: one that fails, panics or never ends.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(name string) string
	simulate       simulator
}

// simulator is the signature of world.Simulate.
type simulator func(context.Context, *scenarios.Scenario, world.Options) (*result.Result, error)
