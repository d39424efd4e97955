// Package requests is how the programs in the page's workers are asked and how
// they answer: one process answers one request, which it reads as JSON, with
// framed messages.
package requests

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"protosim/scenarios"
)

// Handler answers one kind of request, whose JSON it gets.
type Handler func(request []byte, out *Frames) error

// Answer reads one request from in and lets the handler that its field "do"
// names write the answer to out, or writes why there is none.
func Answer(in io.Reader, out io.Writer, handlers map[string]Handler) {
	f := &Frames{w: out}
	if err := answer(in, f, handlers); err != nil {
		f.fail(err)
	}
}

func answer(in io.Reader, out *Frames, handlers map[string]Handler) error {
	request, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var head struct {
		Do string `json:"do"`
	}
	if err := json.Unmarshal(request, &head); err != nil {
		return err
	}
	handle, ok := handlers[head.Do]
	if !ok {
		return &scenarios.Error{Reason: fmt.Sprintf("nobody here can %q", head.Do), Remedy: "the page and its programs are of different versions: reload the page"}
	}
	return handle(request, out)
}

// Decode reads a request strictly.
func Decode(request []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(request))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
