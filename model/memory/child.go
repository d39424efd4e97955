package memory

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// childVariable holds what a child process is to measure.
const childVariable = "PROTOSIM_MEASURE_MEMORY"

// order is what a child process is to measure.
type order struct {
	Protocol    Protocol
	TLS         bool
	Connections []int
}

// Child does the measuring, and ends the process, if the process was started
// by Measure for that. A program that calls Measure must call Child first
// thing in main.
func Child() {
	text := os.Getenv(childVariable)
	if text == "" {
		return
	}
	var o order
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		var m Measurement
		if m, err = measure(o.Protocol, o.TLS, o.Connections); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(m)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Measure measures what a connection takes: it starts this program once more,
// which holds as many connections as said, one number after the other in
// rising order, and lays a line through what it uses.
func Measure(p Protocol, tls bool, connections []int) (Measurement, error) {
	var m Measurement
	if !slices.Contains(Protocols(), p) {
		return m, fmt.Errorf("memory: no protocol %q", p)
	}
	if err := checkConnections(connections); err != nil {
		return m, err
	}
	program, err := os.Executable()
	if err != nil {
		return m, err
	}
	text, err := json.Marshal(order{p, tls, connections})
	if err != nil {
		return m, err
	}
	child := exec.Command(program)
	child.Env = append(os.Environ(), childVariable+"="+string(text))
	var said strings.Builder
	child.Stderr = &said
	out, err := child.Output()
	if err != nil {
		return m, fmt.Errorf("memory: measuring %s: %w\n%s", p, err, said.String())
	}
	if err := json.Unmarshal(out, &m); err != nil {
		return m, fmt.Errorf("memory: measuring %s gave %.100q: %w", p, out, err)
	}
	if p != HTTP2Stream {
		return m, nil
	}
	// Without the connection that carries the streams.
	idle, err := Measure(HTTP2, tls, connections)
	if err != nil {
		return m, err
	}
	m.Bytes = (m.Bytes - idle.Bytes) / streams
	m.R2 = min(m.R2, idle.R2)
	return m, nil
}

// checkConnections makes sure that a line can be laid through.
func checkConnections(connections []int) error {
	if len(connections) < 2 || connections[0] < 1 {
		return errors.New("memory: measuring needs two numbers of connections at least, above 0")
	}
	if !slices.IsSortedFunc(connections, func(a, b int) int { return cmp.Or(cmp.Compare(a, b), 1) }) {
		return fmt.Errorf("memory: numbers of connections must rise: %v", connections)
	}
	return nil
}
