package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal says whether people watch w.
func isTerminal(w io.Writer) bool {
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
