package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"protosim/model/world"
	"protosim/scenarios"
)

func TestProgressAddsUpSeeds(t *testing.T) {
	w := progress.NewWriter()
	var drawn bytes.Buffer
	w.SetOutputWriter(&drawn)
	s := &scenarios.Scenario{Clients: scenarios.Clients{Count: 10}}
	shown := newProgress(w, s, world.Options{Strategies: []scenarios.Strategy{"http1", "http2"}, Seeds: 2})
	shown.observe(world.Progress{Strategy: "http2", Seed: 1, Clients: 10, Done: true})
	shown.observe(world.Progress{Strategy: "http2", Seed: 2, Clients: 3})
	shown.observe(world.Progress{Strategy: "http2", Seed: 2, Clients: 4})
	shown.observe(world.Progress{Strategy: "other", Seed: 2, Clients: 4})
	tracker := shown.lines["http2"].tracker
	if tracker.Value() != 14 || tracker.Total != 20 || tracker.IsDone() {
		t.Errorf("%d of %d clients, done %v", tracker.Value(), tracker.Total, tracker.IsDone())
	}
	shown.observe(world.Progress{Strategy: "http2", Seed: 2, Clients: 10, Done: true})
	if !tracker.IsDone() || shown.lines["http1"].tracker.IsDone() {
		t.Error("http2 should be done, http1 not")
	}
}

func TestProgressStopsWithTheDrawing(t *testing.T) {
	w := progress.NewWriter()
	var drawn bytes.Buffer
	w.SetOutputWriter(&drawn)
	shown := newProgress(w, &scenarios.Scenario{Strategies: []scenarios.Strategy{"http2"}}, world.Options{})
	go func() {
		defer close(shown.ended)
		w.Render()
	}()
	shown.stop()
	if !strings.Contains(drawn.String(), "http2") {
		t.Errorf("drawn: %q", drawn.String())
	}
}

func TestDescribeProgress(t *testing.T) {
	now := world.Progress{Strategy: "http2", Now: scenarios.Duration(12345 * time.Millisecond)}
	for _, c := range []struct {
		seeds int
		want  string
	}{
		{1, "http2        at 12.3 s, 1,250,000 events/s"},
		{30, "http2        7 of 30 seeds, at 12.3 s, 1,250,000 events/s"},
	} {
		if got := describeProgress(now, c.seeds, 7, 2_500_000, 2*time.Second); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(c.want), " ") {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestNoProgressWithoutATerminal(t *testing.T) {
	p := &process{stderr: new(bytes.Buffer)}
	if p.showProgress(&scenarios.Scenario{}, world.Options{}) != nil {
		t.Error("progress in a pipe")
	}
}
