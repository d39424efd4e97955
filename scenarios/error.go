package scenarios

import (
	"fmt"
	"strings"
	"unicode"
)

// Error says what is wrong with a scenario, where, and what to do about it.
// Every error that this package returns for a user's input is one.
type Error struct {
	// File is the name of the file, or the flag (--set path=value), at fault;
	// empty for a scenario that was built in Go.
	File string
	// Line and Column, counted from 1 in characters; 0 where there is none.
	Line, Column int
	// Path of the field within the scenario, such as page.resources[0].size.
	Path string
	// Reason is what is wrong, in one line.
	Reason string
	// Remedy is what to do about it, in one line.
	Remedy string
	// Source is the offending line.
	Source string
	// Width of the offending text in characters, for marking it.
	Width int

	// within is where the offence begins in the text of the field's value.
	within int
}

// Error returns the reason behind its position in one line, then the offending
// line with the offence marked, then the remedy:
//
//	shop.yaml:4:3: unknown field "rt" in network
//	    4 |   rt: 80ms
//	      |   ^^
//	did you mean "rtt"?
func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.File != "" && e.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", e.File, e.Line, e.Column)
	case e.File != "":
		fmt.Fprintf(&b, "%s: ", e.File)
	case e.Path != "":
		fmt.Fprintf(&b, "%s: ", e.Path)
	}
	b.WriteString(printable(e.Reason))
	if e.Source != "" && e.Column > 0 {
		line, before, width := e.excerpt()
		gutter := ""
		if e.Line > 0 {
			gutter = fmt.Sprintf("%5d | ", e.Line)
		}
		fmt.Fprintf(&b, "\n%s%s", gutter, line)
		if gutter != "" {
			gutter = "      | "
		}
		fmt.Fprintf(&b, "\n%s%s%s", gutter, strings.Repeat(" ", before), strings.Repeat("^", width))
	}
	if e.Remedy != "" {
		b.WriteString("\n" + printable(e.Remedy))
	}
	return b.String()
}

// excerpt returns the part of the source line around the offence, how many
// characters precede the offence, and how many to mark.
func (e *Error) excerpt() (line string, before, width int) {
	const most = 100
	runes := []rune(printable(e.Source))
	before = min(e.Column-1, len(runes))
	start := 0
	if len(runes) > most && before > most/2 {
		start = min(before-most/2, len(runes)-most)
	}
	end := min(start+most, len(runes))
	width = max(1, min(e.Width, end-before))
	return string(runes[start:end]), before - start, width
}

// printable replaces what a terminal could take for a command.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// problem makes an Error about the field at path.
func problem(path, reason, remedy string) *Error {
	return &Error{Path: path, Reason: reason, Remedy: remedy}
}
