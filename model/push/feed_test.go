package push

import (
	"testing"
	"time"

	"protosim/model/vtime"
)

func TestFeed(t *testing.T) {
	err := vtime.Run(t.Context(), func(c *vtime.Clock) error {
		f := NewFeed(c)
		f.add(100) // before anybody listens
		if newest := f.Listen(1); newest != 1 {
			t.Errorf("the newest event is %d, want 1", newest)
		}
		_, more := f.After(1)
		c.Sleep(c.Context(), vtime.Key{}, time.Second)
		f.add(100)
		<-more
		events, _ := f.After(1)
		if len(events) != 1 || events[0].ID != 2 || len(events[0].Data) != 100 {
			t.Fatalf("after event 1 come %v", events)
		}
		if at, err := published(events[0].Data); err != nil || at != time.Second {
			t.Errorf("event 2 was published at %v (%v), want 1s", at, err)
		}
		f.Listen(-1)
		f.add(10) // shorter than what it must say
		if f.Sent() != 1 {
			t.Errorf("%d events were sent to listeners, want 1", f.Sent())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
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
	if what, after, err := split("/wait/7"); what != holdPath || after != 7 || err != nil {
		t.Errorf("path: %q, %d, %v", what, after, err)
	}
	if _, _, err := split("/wait/x"); err == nil {
		t.Error("a path without a number passed")
	}
}
