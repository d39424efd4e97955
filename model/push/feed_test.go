package push

import (
	"testing"
	"time"

	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

func TestFeed(t *testing.T) {
	err := vtime.Run(t.Context(), func(c *vtime.Clock) error {
		f := NewFeed(c, 1, 1)
		f.Add(100) // before anybody listens
		if newest := f.Listen(1); newest != 1 {
			t.Errorf("the newest event is %d, want 1", newest)
		}
		_, more := f.After(1)
		c.Sleep(c.Context(), vtime.Key{}, time.Second)
		f.Add(100)
		<-more
		events, _ := f.After(1)
		if len(events) != 1 || events[0].ID != 2 || len(events[0].Data) != 100 {
			t.Fatalf("after event 1 come %v", events)
		}
		if at, err := published(events[0].Data); err != nil || at != time.Second {
			t.Errorf("event 2 was published at %v (%v), want 1s", at, err)
		}
		f.Leave(1)
		f.Add(10) // shorter than what it must say
		if f.Sent() != 1 {
			t.Errorf("%d events were sent to listeners, want 1", f.Sent())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Each event is for its share of the clients, by lot; which is the same whoever
// asks, and nobody is counted who is not meant.
func TestFanout(t *testing.T) {
	f := NewFeed(nil, 7, .25)
	for i := range 400 {
		f.events = append(f.events, transport.Event{ID: uint64(i + 1)})
	}
	total := 0
	for client := range uint32(50) {
		its := f.of(client, f.events)
		if n := f.between(client, 0, 400); n != len(its) || f.between(client, 0, 200)+f.between(client, 200, 400) != n {
			t.Errorf("client %d: %d events, but %d between the first and the last", client, len(its), n)
		}
		for _, e := range its {
			if !f.isFor(client, e.ID) {
				t.Errorf("event %d is not for client %d", e.ID, client)
			}
		}
		total += len(its)
	}
	if total < 4800 || total > 5200 {
		t.Errorf("%d of 20,000 events, want a quarter", total)
	}
	if n := NewFeed(nil, 7, 1).between(1, 3, 9); n != 6 {
		t.Errorf("%d events between, want 6", n)
	}
}

func TestPublishedRefusesWhatIsNoEvent(t *testing.T) {
	for _, data := range []string{"", "{}", `{"at":`, `{"at":x,`, `{"at":1`} {
		if _, err := published([]byte(data)); err == nil {
			t.Errorf("%q passed for an event", data)
		}
	}
}

func TestLinesAndPaths(t *testing.T) {
	if e, err := parseLine([]byte("12 {}")); err != nil || e.ID != 12 || string(e.Data) != "{}" {
		t.Errorf("line: %v, %v", e, err)
	}
	for _, line := range []string{"", "12", "x {}"} {
		if _, err := parseLine([]byte(line)); err == nil {
			t.Errorf("%q passed for a line", line)
		}
	}
	a := NewApp(nil, scenarios.Push{}, NewFeed(nil, 1, 1))
	if what, after, err := a.split("/wait/7"); what != holdPath || after != 7 || err != nil {
		t.Errorf("path: %q, %d, %v", what, after, err)
	}
	if _, _, err := a.split("/wait/x"); err == nil {
		t.Error("a path without a number passed")
	}
	a.history.feed.events = make([]transport.Event, 3)
	if what, after, err := a.split("/stream/now"); what != streamPath || after != 3 || err != nil {
		t.Errorf("path: %q, %d, %v", what, after, err)
	}
}

// A process has what was published since its start, and of that the last few.
func TestHistory(t *testing.T) {
	f := NewFeed(nil, 1, 1)
	publish := func(n int) {
		for range n {
			f.events = append(f.events, transport.Event{ID: uint64(len(f.events) + 1)})
		}
	}
	first := func(h history, after uint64) (id uint64, n int) {
		events, _ := h.after(after)
		if len(events) == 0 {
			return 0, 0
		}
		return events[0].ID, len(events)
	}
	publish(10)
	log, short := newHistory(f, 0), newHistory(f, 5)
	publish(3)
	late := newHistory(f, 5)
	for _, c := range []struct {
		name  string
		h     history
		after uint64
		first uint64
		n     int
	}{
		{"a log has all", log, 2, 3, 11},
		{"a process knows nothing from before it", short, 2, 11, 3},
		{"nor beyond what it is asked for", short, 12, 13, 1},
		{"a process that has just begun", late, 2, 0, 0},
	} {
		if id, n := first(c.h, c.after); id != c.first || n != c.n {
			t.Errorf("%s: %d events from %d on, want %d from %d", c.name, n, id, c.n, c.first)
		}
	}
	publish(7)
	if id, n := first(short, 2); id != 16 || n != 5 {
		t.Errorf("%d events from %d on, want the last 5", n, id)
	}
}
