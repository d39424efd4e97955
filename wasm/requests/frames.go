package requests

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"protosim/scenarios"
)

// The kinds of messages.
const (
	KindProgress = 'p' // JSON: progress
	KindScenario = 's' // JSON: the scenario in full
	KindYAML     = 'y' // the scenario as a file
	KindTrace    = 't' // length of the strategy's name in a byte, the name, then a piece of its trace
	KindResult   = 'r' // JSON: result.Result
	KindTable    = 'c' // JSON: table
	KindVerdict  = 'v' // JSON: what the program verdict says
	KindError    = 'e' // JSON: failure
)

// Frames writes messages: a byte for the kind, four for the length of the
// body, least significant first, then the body.
type Frames struct {
	mu sync.Mutex
	w  io.Writer
}

// Write writes one message.
func (f *Frames) Write(kind byte, body []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	head := binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(body)))
	if _, err := f.w.Write(head); err != nil {
		return err
	}
	_, err := f.w.Write(body)
	return err
}

// JSON writes one message of v as JSON.
func (f *Frames) JSON(kind byte, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return f.Write(kind, body)
}

// failure is an error as the page shows it.
type failure struct {
	Message string `json:"message"` // as the command prints it, with file, line and remedy
	Reason  string `json:"reason"`
	Remedy  string `json:"remedy,omitempty"`
	// Path of the field at fault, empty where there is none.
	Path string `json:"path,omitempty"`
	// Input says that what was asked for is at fault, not the engine.
	Input bool `json:"input"`
}

// fail reports an error. Nobody is left to be told if that fails.
func (f *Frames) fail(err error) {
	shown := failure{Message: err.Error(), Reason: err.Error()}
	if e := (*scenarios.Error)(nil); errors.As(err, &e) {
		shown = failure{Message: e.Error(), Reason: e.Reason, Remedy: e.Remedy, Path: e.Path, Input: true}
	}
	if err := f.JSON(KindError, shown); err != nil {
		panic(fmt.Sprintf("requests: %v", err))
	}
}
