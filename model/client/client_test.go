package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"protosim/model/client"
	"protosim/model/measure"
	"protosim/model/page"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// canned answers every request after as long as its path says.
type canned struct {
	clock *vtime.Clock
	takes func(path string) (time.Duration, transport.Response, error)

	mu    sync.Mutex
	asked []string // "time path", as the requests came
	pages int
}

func (c *canned) Do(ctx context.Context, r transport.Request) (transport.Response, error) {
	c.mu.Lock()
	c.asked = append(c.asked, fmt.Sprint(c.clock.Now(), " ", r.Path))
	c.mu.Unlock()
	d, response, err := c.takes(r.Path)
	if e := c.clock.Sleep(ctx, r.ID.ClientKey(), d); e != nil {
		return transport.Response{}, e
	}
	return response, err
}

func (c *canned) Stream(context.Context, transport.Request, func(transport.Event)) error {
	return errors.ErrUnsupported
}
func (c *canned) EndPage() { c.pages++ }
func (c *canned) Drop()    {}
func (c *canned) Close()   {}

// run lets one client live in a scenario, for so long at most.
func run(t *testing.T, limit time.Duration, text string, takes func(string) (time.Duration, transport.Response, error)) (*canned, *measure.Recorder) {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte("name: t\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := page.Resolve(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	trip, recorder := &canned{takes: takes}, measure.NewRecorder(time.Second)
	err = vtime.Run(t.Context(), func(clock *vtime.Clock) error {
		trip.clock = clock
		ctx, cancel := clock.WithTimeout(clock.Context(), vtime.Key{}, limit)
		defer cancel()
		c := &client.Client{Clock: clock, Config: s.Clients, Page: p, Transport: trip, Recorder: recorder, Seed: 1}
		c.Run(ctx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return trip, recorder
}

const chain = `
clients: {count: 1, arrival: 0s, visits: 2, think: 1s, timeout: 3s}
page:
  resources:
    - {name: a, size: 10B}
    - {name: b, count: 2, after: [a], size: 10B}
    - {name: c, after: [b], size: 10B}
`

// Objects are requested as soon as what they come after is complete, all of it.
func TestDependencies(t *testing.T) {
	takes := map[string]time.Duration{"/a": 100, "/b/0": 10, "/b/1": 40, "/c": 5}
	trip, r := run(t, time.Hour, chain, func(path string) (time.Duration, transport.Response, error) {
		return takes[path] * time.Millisecond, transport.Response{Status: 200, Body: 10}, nil
	})
	want := []string{
		"0s /a", "100ms /b/0", "100ms /b/1", "140ms /c",
		// 145 ms and a second of thought later
		"1.145s /a", "1.245s /b/0", "1.245s /b/1", "1.285s /c",
	}
	if !slices.Equal(trip.asked, want) {
		t.Errorf("asked %q\nwant %q", trip.asked, want)
	}
	if r.Pages != 2 || r.PagesLoaded != 2 || trip.pages != 2 || r.Started != 8 || r.Ended[measure.OK] != 8 {
		t.Errorf("totals %+v", r.Totals)
	}
	if got := r.PageLoad.Quantile(.5); got.Round(time.Millisecond) != 145*time.Millisecond {
		t.Errorf("the page took %v, want 145ms", got)
	}
	if r.Finished != 1290*time.Millisecond {
		t.Errorf("finished at %v", r.Finished)
	}
}

// Errors, statuses of failure, short bodies and timeouts are failures; what
// comes after them is not requested, and the page is not loaded.
func TestFailures(t *testing.T) {
	for name, fails := range map[string]func() (time.Duration, transport.Response, error){
		"error": func() (time.Duration, transport.Response, error) { return 0, transport.Response{}, errors.New("reset") },
		"status": func() (time.Duration, transport.Response, error) {
			return 0, transport.Response{Status: 503, Body: 10}, nil
		},
		"short": func() (time.Duration, transport.Response, error) {
			return 0, transport.Response{Status: 200, Body: 9}, nil
		},
		"timeout": func() (time.Duration, transport.Response, error) {
			return 4 * time.Second, transport.Response{Status: 200, Body: 10}, nil
		},
	} {
		trip, r := run(t, time.Hour, chain, func(path string) (time.Duration, transport.Response, error) {
			if path == "/b/1" {
				return fails()
			}
			return time.Millisecond, transport.Response{Status: 200, Body: 10}, nil
		})
		if r.Ended != [3]int{4, 2, 0} || r.Pages != 2 || r.PagesLoaded != 0 {
			t.Errorf("%s: totals %+v", name, r.Totals)
		}
		if strings.Contains(strings.Join(trip.asked, " "), "/c") {
			t.Errorf("%s: what comes after the failure was requested", name)
		}
	}
}

// What is under way when the run ends is neither ok nor failed.
func TestAbandoned(t *testing.T) {
	_, r := run(t, 50*time.Millisecond, chain, func(string) (time.Duration, transport.Response, error) {
		return time.Second, transport.Response{Status: 200, Body: 10}, nil
	})
	if r.Started != 1 || r.Ended[measure.Abandoned] != 1 {
		t.Errorf("totals %+v", r.Totals)
	}
}
