package main

import (
	"errors"
	"fmt"
	"strings"
)

// Exit codes, which --help documents.
const (
	exitOK          = 0
	exitExpectation = 1   // an expectation of the scenario failed
	exitInput       = 2   // what the user gave is of no use
	exitBug         = 3   // protosim itself failed
	exitInterrupted = 130 // Ctrl-C, as shells report it: 128 + SIGINT
)

// exitHelp describes the codes of a command, to whose success and failure it may
// give words of its own.
func exitHelp(ok, failed string) string {
	if failed != "" {
		failed = "\n  1    " + failed
	}
	return "Exit codes:\n  0    " + ok + failed + `
  2    bad input: an unknown scenario, field or flag, a file that cannot be used
  3    protosim itself failed; please report what it says
  130  interrupted by Ctrl-C; a second Ctrl-C ends it at once`
}

// exit is an error that ends the command with a code.
type exit struct {
	code    int
	message string // for standard error; may be empty
}

func (e *exit) Error() string { return e.message }

// badInput is an error about what the user gave: a reason and a remedy.
func badInput(reason, remedy string) error {
	if remedy != "" {
		reason += "\n" + remedy
	}
	return &exit{exitInput, reason}
}

// codeOf is the exit code for an error of a command, nil included. Errors
// without a code of their own are about the input: files that are missing or
// malformed, flags that make no sense.
func codeOf(err error) int {
	var e *exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	}
	return exitInput
}

// report writes an error the way all of them are written, the name of the
// command first.
func (p *process) report(err error) {
	if message := strings.TrimSpace(err.Error()); message != "" {
		fmt.Fprintf(p.stderr, "protosim: %s\n", message)
	}
}
