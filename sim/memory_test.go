package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"protosim/model/memory"
)

// Memory measures, shows what it has measured beside what protosim uses, and
// writes a table that has the new figures in front.
func TestMemory(t *testing.T) {
	out := filepath.Join(t.TempDir(), "figures.json")
	o := protosim(t, "memory", "--protocol", "http1", "--connections", "10..50", "--out", out)
	if o.code != exitOK || strings.Count(o.stdout, "http1 ") != 2 || !strings.Contains(o.stdout, "up to 50 connections") {
		t.Fatalf("code %d, stderr %s, stdout\n%s", o.code, o.stderr, o.stdout)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var figures []memory.Figure
	if err := json.Unmarshal(text, &figures); err != nil || len(figures) < 2 || figures[0].Protocol != memory.HTTP1 || figures[0].Bytes < 1000 {
		t.Errorf("%v, %+v", err, figures)
	}
}

func TestMemoryBadInput(t *testing.T) {
	for _, c := range []struct {
		args           []string
		reason, remedy string
	}{
		{[]string{"--protocol", "http3"}, `--protocol cannot be "http3"`, `http2`},
		{[]string{"--connections", "1000"}, `--connections cannot be "1000"`, "1000..5000"},
		{[]string{"--connections", "5..5"}, `--connections cannot be "5..5"`, "the second larger"},
		{[]string{"--connections", "0..5"}, `--connections cannot be "0..5"`, "1000..5000"},
		{[]string{"--connections", "1..9999999"}, `--connections cannot be "1..9999999"`, "1000..5000"},
		{[]string{"--out", "/no/such/folder/figures.json", "--connections", "1..2", "--protocol", "http1"}, "/no/such/folder/figures.json", ""},
	} {
		o := protosim(t, append([]string{"memory"}, c.args...)...)
		if o.code != exitInput || !strings.Contains(o.stderr, c.reason) || !strings.Contains(o.stderr, c.remedy) {
			t.Errorf("%q: code %d, stderr %s", c.args, o.code, o.stderr)
		}
	}
}
