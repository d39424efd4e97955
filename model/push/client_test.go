package push

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"protosim/model/measure"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// line is a transport of which each stream ends after the events that the test
// wants.
type line struct {
	transport.Client
	asked  []transport.Request
	events func(n int, r transport.Request) []transport.Event
}

func (l *line) Stream(_ context.Context, r transport.Request, each func(transport.Event)) error {
	l.asked = append(l.asked, r)
	for _, e := range l.events(len(l.asked), r) {
		each(e)
	}
	return errors.New("the stream has ended")
}

func (l *line) Close() {}

// listenTo lets a client listen for a while to a feed that has 10 events, 5 of
// which were published before.
func listenTo(t *testing.T, strategy scenarios.Strategy, l *line) *measure.Recorder {
	t.Helper()
	r := measure.NewRecorder(time.Second)
	err := vtime.Run(t.Context(), func(clock *vtime.Clock) error {
		feed := NewFeed(clock, 1, 1)
		c := &Client{
			Clock: clock, Number: 1, Strategy: strategy, Config: scenarios.Default().Clients, Push: scenarios.Default().Push,
			Transport: l, Recorder: r, Feed: feed, Seed: 1,
		}
		for range 5 {
			feed.Add(100)
		}
		ctx, cancel := clock.WithTimeout(clock.Context(), vtime.Key{A: 1}, time.Minute)
		defer cancel()
		clock.Go(vtime.Key{A: 2}, func() {
			for range 5 {
				feed.Add(100)
			}
		})
		c.Listen(ctx)
		if sent, e := feed.Sent(), &r.Events; e.Delivered+e.Missed+e.Undelivered != sent || sent != 5 {
			t.Errorf("%d sent, but %+v", sent, *e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func events(ids ...uint64) []transport.Event {
	var all []transport.Event
	for _, id := range ids {
		all = append(all, transport.Event{ID: id, Data: []byte(`{"at":0,"text":""}`)})
	}
	return all
}

// Who comes back to server-sent events asks for the same as before, and says by
// Last-Event-ID what it has; on a socket it asks for what comes behind that.
func TestLastEvent(t *testing.T) {
	for _, strategy := range []scenarios.Strategy{scenarios.SSE, scenarios.WebSocket} {
		l := &line{events: func(n int, _ transport.Request) []transport.Event {
			return [][]transport.Event{events(6, 7), events(8), nil}[min(n-1, 2)]
		}}
		listenTo(t, strategy, l)
		var got []transport.Request
		for _, r := range l.asked[:3] {
			got = append(got, transport.Request{Path: r.Path, LastEvent: r.LastEvent})
		}
		want := []transport.Request{{Path: "/stream/5"}, {Path: "/stream/5", LastEvent: 7}, {Path: "/stream/5", LastEvent: 8}}
		if strategy == scenarios.WebSocket {
			want = []transport.Request{{Path: "/stream/5"}, {Path: "/stream/7"}, {Path: "/stream/8"}}
		}
		if !slices.EqualFunc(got, want, func(a, b transport.Request) bool { return a.Path == b.Path && a.LastEvent == b.LastEvent }) {
			t.Errorf("%s: asked for %+v, expected %+v", strategy, got, want)
		}
	}
}

// What comes twice is counted, and delivered once; what never came although
// something later did was missed; the rest is undelivered.
func TestEventsAreCounted(t *testing.T) {
	for name, c := range map[string]struct {
		ids  []uint64
		want measure.Events
	}{
		"all of them":    {[]uint64{6, 7, 8, 9, 10}, measure.Events{Delivered: 5}},
		"one twice":      {[]uint64{6, 7, 6, 7, 8, 9, 10}, measure.Events{Delivered: 5, Duplicates: 2}},
		"one missing":    {[]uint64{6, 8, 9, 10}, measure.Events{Delivered: 4, Missed: 1}},
		"the last not":   {[]uint64{6, 7}, measure.Events{Delivered: 2, Undelivered: 3}},
		"none":           {nil, measure.Events{Undelivered: 5}},
		"from before":    {[]uint64{4, 5, 6}, measure.Events{Delivered: 1, Duplicates: 2, Undelivered: 4}},
		"some of a kind": {[]uint64{7, 7, 9}, measure.Events{Delivered: 2, Missed: 2, Undelivered: 1, Duplicates: 1}},
	} {
		l := &line{events: func(n int, _ transport.Request) []transport.Event {
			if n > 1 {
				return nil
			}
			return events(c.ids...)
		}}
		e := listenTo(t, scenarios.WebSocket, l).Events
		if e.Delivered != c.want.Delivered || e.Missed != c.want.Missed || e.Undelivered != c.want.Undelivered || e.Duplicates != c.want.Duplicates {
			t.Errorf("%s: %d delivered, %d missed, %d undelivered, %d twice; expected %d, %d, %d, %d", name,
				e.Delivered, e.Missed, e.Undelivered, e.Duplicates, c.want.Delivered, c.want.Missed, c.want.Undelivered, c.want.Duplicates)
		}
	}
}
