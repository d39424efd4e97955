package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/wasm/requests"
)

// answers runs one request and returns the messages by kind.
func answers(t *testing.T, request any) map[byte][]byte {
	t.Helper()
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	requests.Answer(bytes.NewReader(text), &out, map[string]requests.Handler{"describe": describe, "simulate": simulate, "join": join})
	found := map[byte][]byte{}
	for b := out.Bytes(); len(b) > 0; {
		length := int(b[1]) | int(b[2])<<8 | int(b[3])<<16 | int(b[4])<<24
		found[b[0]] = append(found[b[0]], b[5:5+length]...)
		b = b[5+length:]
	}
	return found
}

// What is simulated is what the downloaded file says, and runs that are
// simulated one by one and joined are the runs of one simulation.
func TestEditGivesTheRunsOfItsFile(t *testing.T) {
	e := map[string]any{
		"do": "describe", "scenario": "first-look", "seed": 3,
		"set":        []string{"clients.count=6", "duration=12s", "network.rtt=80ms"},
		"faults":     []string{"{at: 3s, kind: crash, target: www-1, for: 2s}"},
		"strategies": []string{"http1", "websocket"},
	}
	described := answers(t, e)
	s, err := scenarios.Parse("downloaded.yaml", described[requests.KindYAML])
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Faults) != 2 || s.Seed != 3 || !slices.Equal(s.Strategies, []scenarios.Strategy{"http1", "websocket"}) {
		t.Errorf("faults %v, seed %d, strategies %v", s.Faults, s.Seed, s.Strategies)
	}
	for _, text := range s.Expect {
		if strings.Contains(text, "http2.") {
			t.Errorf("expectation %s is about a strategy that is left out", text)
		}
	}
	want, err := world.Simulate(context.Background(), s, world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var parts []json.RawMessage
	for _, only := range []string{"websocket", "http1"} {
		e["do"], e["only"], e["trace"] = "simulate", []string{only}, only == "http1"
		got := answers(t, e)
		if got[requests.KindError] != nil {
			t.Fatal(string(got[requests.KindError]))
		}
		if traced := got[requests.KindTrace] != nil; traced != (only == "http1") {
			t.Errorf("%s: trace %v", only, traced)
		}
		parts = append(parts, got[requests.KindResult])
	}
	joined := answers(t, requests.Joining{Do: "join", Results: parts})
	res, err := result.Read(bytes.NewReader(joined[requests.KindResult]))
	if err != nil {
		t.Fatal(err)
	}
	for i, run := range res.Runs {
		if run.Strategy != want.Runs[i].Strategy || run.Digest != want.Runs[i].Digest {
			t.Errorf("%s has digest %s, expected %s of %s", run.Strategy, run.Digest, want.Runs[i].Digest, want.Runs[i].Strategy)
		}
	}
	if joined[requests.KindTable] == nil {
		t.Error("no table")
	}
}

// What cannot be is refused in words that name the field and the remedy.
func TestEditRefuses(t *testing.T) {
	for want, e := range map[string]edit{
		`unknown scenario "first-lok"`: {Scenario: "first-lok"},
		"network.rtt":                  {Scenario: "first-look", Set: []string{"network.rtt=fast"}},
		"no = between":                 {Scenario: "first-look", Set: []string{"network.rtt"}},
		`field "rt" in network`:        {Scenario: "first-look", Set: []string{"network.rt=1ms"}},
		"empty.yaml: the scenario has": {File: "empty.yaml"},
		"www-9":                        {Scenario: "first-look", Faults: []string{"{at: 3s, kind: crash, target: www-9}"}},
		"crush":                        {Scenario: "first-look", Faults: []string{"{at: 3s, kind: crush}"}},
		"0 faults instead of one":      {Scenario: "first-look", Faults: []string{""}},
		"not readable as YAML":         {Scenario: "first-look", Faults: []string{"{at: 3s, kind: crash}, {at: 4s, kind: crash}"}},
		"fault ]":                      {Scenario: "first-look", Faults: []string{"]"}},
		"carrier-pigeon":               {Scenario: "first-look", Strategies: []scenarios.Strategy{"carrier-pigeon"}},
	} {
		_, err := e.apply()
		if problem := (*scenarios.Error)(nil); !errors.As(err, &problem) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, expected %q", e, err, want)
		} else if strings.Contains(err.Error(), "--set") {
			t.Errorf("%+v: a flag, which a page has not: %v", e, err)
		}
	}
	for _, request := range []string{`{"do":"fly"}`, `{`, `{"do":"describe","scnario":"first-look"}`} {
		var out bytes.Buffer
		requests.Answer(strings.NewReader(request), &out, map[string]requests.Handler{"describe": describe})
		if out.Len() == 0 || out.Bytes()[0] != requests.KindError {
			t.Errorf("%s: %q", request, out.Bytes())
		}
	}
}
