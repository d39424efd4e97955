package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"protosim/scenarios"
)

// completions are what a shell would offer for the last argument.
func completions(t *testing.T, args ...string) []string {
	t.Helper()
	lines := strings.Split(protosim(t, append([]string{"__complete"}, args...)...).stdout, "\n")
	return lines[:len(lines)-2] // a directive and an empty line follow
}

func TestCompleteScenarios(t *testing.T) {
	for _, command := range []string{"run", "show"} {
		var names []string
		for _, line := range completions(t, command, "") {
			name, title, _ := strings.Cut(line, "\t")
			if names = append(names, name); title == "" {
				t.Errorf("%s has no title", name)
			}
		}
		if !slices.Equal(names, scenarios.Names()) {
			t.Errorf("%s: got %v", command, names)
		}
	}
}

func TestCompleteStrategies(t *testing.T) {
	want := []string{"http2,http1", "http2,http1-close", "http2,websocket", "http2,poll", "http2,longpoll", "http2,sse", "http2,hybrid", "http2,fallback"}
	if got := completions(t, "run", "--strategy", "http2,"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCompleteMetrics(t *testing.T) {
	for before, words := range map[string][]string{
		"finished_ms,": {"sweep", "page-load", "--metric", "finished_ms,pa"},
		"":             {"tune", "page-load", "--minimize", ""},
	} {
		var names []string
		for _, line := range completions(t, words...) {
			name, _, _ := strings.Cut(line, "\t")
			names = append(names, name)
		}
		if !slices.Contains(names, before+"page_load_ms.p50") || slices.Contains(names, "finished_ms,finished_ms") {
			t.Errorf("%v: got %v", words, names)
		}
	}
}

func TestCompleteSet(t *testing.T) {
	got := completions(t, "run", "--set", "")
	for _, want := range []string{"seed=", "network.rtt=", "network.down.loss=", "clients.think=", "tls.enabled=", "page.resources[0].size=", "expect="} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in %v", want, got)
		}
	}
}

// Whatever is completed is a field that --set accepts, though not every value.
func TestCompletedPathsExist(t *testing.T) {
	for _, path := range fieldPaths(reflect.TypeFor[scenarios.Scenario](), "") {
		o := protosim(t, "show", "page-load", "--set", path+"=nonsense")
		if strings.Contains(o.stderr, "unknown field") || strings.Contains(o.stderr, "is a list") {
			t.Errorf("%s: %s", path, o.stderr)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if o := protosim(t, "completion", shell); o.code != exitOK || !strings.Contains(o.stdout, "protosim") {
			t.Errorf("%s: code %d", shell, o.code)
		}
	}
}
