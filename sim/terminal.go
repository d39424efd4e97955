package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// output is standard output, and remembers its first error: what prints to it
// need not look, for in the end the command does.
type output struct {
	w   io.Writer
	err error
}

// Write writes, unless that has failed before.
func (o *output) Write(p []byte) (n int, err error) {
	if o.err != nil {
		return 0, o.err
	}
	if n, err = o.w.Write(p); err != nil {
		o.err = badInput(fmt.Sprintf("cannot write to standard output: %v", cause(err)), "what it was given ends too early; send it to where there is room")
	}
	return n, o.err
}

// isTerminal says whether people watch w.
func isTerminal(w io.Writer) bool {
	if o, ok := w.(*output); ok {
		w = o.w
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colours says whether standard output takes colours (https://no-color.org).
func (p *process) colours() colours {
	return colours(isTerminal(p.stdout) && p.env("NO_COLOR") == "" && p.env("TERM") != "dumb")
}

// colours paints text for a terminal, or leaves it alone if false.
type colours bool

func (c colours) bold(text string) string  { return c.paint("1", text) }
func (c colours) green(text string) string { return c.paint("1;32", text) }
func (c colours) red(text string) string   { return c.paint("1;31", text) }
func (c colours) faint(text string) string { return c.paint("2", text) }

func (c colours) paint(code, text string) string {
	if !c {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
