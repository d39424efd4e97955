package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// shownProgress shows on a terminal how the runs are doing, a line for each
// strategy over all of its seeds. (go-pretty's trackers are several lines that
// redraw together; progressbar, the other candidate, draws one bar.)
type shownProgress struct {
	writer  progress.Writer
	ended   chan struct{} // closed when nothing is drawn any more
	started time.Time

	mu    sync.Mutex
	lines map[scenarios.Strategy]*progressLine
	seeds int
}

// progressLine is one strategy's progress.
type progressLine struct {
	tracker *progress.Tracker
	runs    map[uint64]world.Progress // by seed
}

// showProgress starts showing progress on standard error. It returns nil if
// that is no terminal.
func (p *process) showProgress(s *scenarios.Scenario, opt world.Options) *shownProgress {
	if !isTerminal(p.stderr) {
		return nil
	}
	w := progress.NewWriter()
	w.SetOutputWriter(p.stderr)
	w.SetStyle(progress.StyleBlocks)
	w.Style().Visibility = progress.StyleVisibility{Tracker: true, Value: true}
	w.SetUpdateFrequency(100 * time.Millisecond)
	w.SetTrackerPosition(progress.PositionRight)
	w.SetMessageLength(55)
	w.Style().Options.Separator = " "
	w.Style().Options.DoneString = "done,"
	shown := newProgress(w, s, opt)
	go func() {
		defer close(shown.ended)
		w.Render()
	}()
	return shown
}

// newProgress makes a line for each strategy.
func newProgress(w progress.Writer, s *scenarios.Scenario, opt world.Options) *shownProgress {
	shown := &shownProgress{
		writer:  w,
		ended:   make(chan struct{}),
		started: time.Now(),
		lines:   map[scenarios.Strategy]*progressLine{},
		seeds:   max(opt.Seeds, 1),
	}
	strategies := opt.Strategies
	if len(strategies) == 0 {
		strategies = s.Strategies
	}
	clients := int64(s.Clients.Count * shown.seeds)
	units := progress.Units{
		Notation:         " of " + whole(clients) + " clients",
		NotationPosition: progress.UnitsNotationPositionAfter,
		Formatter:        whole,
	}
	for i, strategy := range strategies {
		tracker := &progress.Tracker{
			Message:          string(strategy),
			Index:            uint64(i),
			Total:            clients,
			Units:            units,
			AutoStopDisabled: true,
		}
		shown.lines[strategy] = &progressLine{tracker, map[uint64]world.Progress{}}
		w.AppendTracker(tracker)
	}
	return shown
}

// observe takes in how one run is doing.
func (s *shownProgress) observe(now world.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line, ok := s.lines[now.Strategy]
	if !ok {
		return
	}
	line.runs[now.Seed] = now
	var clients, done int
	var events uint64
	for _, run := range line.runs {
		clients += run.Clients
		events += run.Events
		if run.Done {
			done++
		}
	}
	line.tracker.SetValue(int64(clients))
	line.tracker.UpdateMessage(describeProgress(now, s.seeds, done, events, time.Since(s.started)))
	if done == s.seeds {
		line.tracker.MarkAsDone()
	}
}

// describeProgress is a strategy's line: the virtual time that the run
// reached, the events per second of wall time over all seeds, and the seeds.
func describeProgress(now world.Progress, seeds, done int, events uint64, elapsed time.Duration) string {
	text := fmt.Sprintf("%-12s", now.Strategy)
	if seeds > 1 {
		text += fmt.Sprintf(" %d of %d seeds,", done, seeds)
	}
	virtual := float64(now.Now) / float64(time.Millisecond)
	rate := float64(events) / max(elapsed.Seconds(), 1e-3)
	return text + fmt.Sprintf(" at %s, %s events/s",
		result.ScaleFor("ms", virtual).Format(virtual), whole(int64(rate)))
}

// whole prints a whole number with thousands separated.
func whole(n int64) string {
	return result.Scale{Divisor: 1}.Number(float64(n))
}

// stop ends the drawing, and waits for it.
func (s *shownProgress) stop() {
	for !s.writer.IsRenderInProgress() {
		select {
		case <-s.ended:
			return
		case <-time.After(time.Millisecond):
		}
	}
	s.writer.Stop()
	<-s.ended
}
