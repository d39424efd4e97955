package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"protosim/model/result"
)

func TestColoursOnlyOnATerminal(t *testing.T) {
	if isTerminal(&bytes.Buffer{}) {
		t.Error("a buffer is no terminal")
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if isTerminal(null) {
		t.Error(os.DevNull + " is no terminal")
	}
	if o := protosim(t, "run", "page-load"); strings.Contains(o.stdout, "\x1b") {
		t.Error("escape sequences in a pipe")
	}
}

// Colours add to the marks in the text; they move nothing.
func TestColoursChangeNoText(t *testing.T) {
	r, err := fakeResult(t)
	if err != nil {
		t.Fatal(err)
	}
	var plain, painted bytes.Buffer
	printReport(&plain, r, "again", false)
	printReport(&painted, r, "again", true)
	text := painted.String()
	for _, code := range []string{"1", "2", "1;32", "1;31", "0"} {
		text = strings.ReplaceAll(text, "\x1b["+code+"m", "")
	}
	if text != plain.String() {
		t.Errorf("without colours:\n%s\nwithout the codes:\n%s", plain.String(), text)
	}
	if !strings.Contains(painted.String(), "\x1b[1;32m★ 205 ms\x1b[0m") {
		t.Errorf("the winner is not green: %q", painted.String())
	}
}

// fakeResult is what the fake simulator gives for a small scenario.
func fakeResult(t *testing.T) (*result.Result, error) {
	o := protosimWith(t, fake, small, "run", "-", "--format", "json")
	return result.Read(strings.NewReader(o.stdout))
}
