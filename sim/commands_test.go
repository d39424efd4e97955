package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"protosim/scenarios"
)

func TestListShowsEveryScenario(t *testing.T) {
	o := protosim(t, "list")
	for _, name := range scenarios.Names() {
		if !strings.Contains(o.stdout, "\n"+name+" ") {
			t.Errorf("no %s in\n%s", name, o.stdout)
		}
	}
	var entries []scenarios.Entry
	if err := json.Unmarshal([]byte(protosim(t, "list", "--format", "json").stdout), &entries); err != nil || len(entries) != len(scenarios.Names()) {
		t.Errorf("%d entries as JSON, error %v", len(entries), err)
	}
}

// What show prints is a scenario file, equal to what it shows.
func TestShowPrintsAScenarioFile(t *testing.T) {
	shown := protosim(t, "show", "page-load", "--set", "network.rtt=123ms")
	if !strings.Contains(shown.stdout, "rtt: 123ms") {
		t.Errorf("got %s", shown.stdout)
	}
	again := protosimWith(t, fake, shown.stdout, "show", "-")
	if again.code != exitOK || again.stdout != shown.stdout {
		t.Errorf("code %d, stderr %s, stdout\n%s", again.code, again.stderr, again.stdout)
	}
}

func TestValidate(t *testing.T) {
	good, bad, worse := write(t, "good.yaml", small), write(t, "bad.yaml", "nme: x\n"), write(t, "worse.yaml", "seed: -1\n")
	o := protosim(t, "validate", good)
	if o.code != exitOK || o.stdout != good+": small is valid\n" {
		t.Errorf("code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	o = protosim(t, "validate", bad)
	if o.code != exitInput || !strings.HasPrefix(o.stderr, "protosim: "+bad+":1:1: ") || strings.Contains(o.stderr, "1 of 1") {
		t.Errorf("code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	o = protosim(t, "validate", bad, good, worse)
	if o.code != exitInput || !strings.Contains(o.stdout, "small is valid") || !strings.HasSuffix(o.stderr, "protosim: 2 of 3 files not valid\n") ||
		!strings.Contains(o.stderr, bad+":") || !strings.Contains(o.stderr, worse+":") {
		t.Errorf("code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	if o := protosimWith(t, fake, small, "validate", "-"); o.code != exitOK {
		t.Errorf("standard input: %s", o.stderr)
	}
}

func TestSchema(t *testing.T) {
	if o := protosim(t, "schema"); !bytes.Equal([]byte(o.stdout), scenarios.Schema()) {
		t.Errorf("got %.100s", o.stdout)
	}
}

func TestVersion(t *testing.T) {
	if flag, command := protosim(t, "--version"), protosim(t, "version"); flag != command {
		t.Errorf("--version prints %+v, and version %+v", flag, command)
	}
	if o := protosim(t, "version"); !strings.HasPrefix(o.stdout, "protosim ") || !strings.Contains(o.stdout, " go1.") {
		t.Errorf("got %s", o.stdout)
	}
}

func TestHelpDocumentsEveryCommand(t *testing.T) {
	o := protosim(t)
	if o.code != exitOK || !strings.Contains(o.stdout, "Exit codes:") {
		t.Errorf("code %d: %s", o.code, o.stdout)
	}
	root := (&process{}).rootCommand()
	for _, c := range root.Commands() {
		if c.HasSubCommands() {
			continue
		}
		if c.Short == "" || c.Long == "" || !strings.Contains(c.Example, "protosim "+c.Name()) {
			t.Errorf("%s: no description, or no example", c.Name())
		}
	}
}
