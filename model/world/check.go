package world

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"protosim/model/measure"
	"protosim/model/transport"
)

// check makes sure that the books balance.
func (w *world) check() error {
	r := w.recorder
	if ended := r.Ended[measure.OK] + r.Ended[measure.Failed] + r.Ended[measure.Abandoned]; ended != r.Started {
		return fmt.Errorf("world: %d requests started, but %d ended", r.Started, ended)
	}
	if e := &r.Events; w.feed != nil && e.Delivered+e.Missed+e.Undelivered != w.feed.Sent() {
		return fmt.Errorf("world: %d events were sent, but %d delivered, %d missed and %d left undelivered", w.feed.Sent(), e.Delivered, e.Missed, e.Undelivered)
	}
	if err := w.book.Check(); err != nil {
		return err
	}
	if id := w.executed.twice; id != nil {
		return fmt.Errorf("world: request %v, which is not idempotent, was executed twice", *id)
	}
	var logged []string
	for _, f := range w.fleets {
		logged = append(logged, f.logged()...)
	}
	for _, c := range w.caches() {
		logged = append(logged, c.Errors()...)
	}
	for _, e := range logged {
		if strings.Contains(e, "panic") {
			return fmt.Errorf("world: %s", e)
		}
	}
	return nil
}

// checkConnections makes sure that nobody keeps a connection when all is over.
func (w *world) checkConnections() error {
	if left := w.net.Held(); len(left) > 0 {
		return fmt.Errorf("world: nobody has closed connections of %s", strings.Join(left, ", "))
	}
	return nil
}

// executed keeps account of the requests that applications have begun to carry
// out and that must not be repeated: whatever happens to connections, none may
// reach an application twice.
type executed struct {
	mu    sync.Mutex
	begun map[transport.ID]struct{}
	twice *transport.ID
}

// note notes a request that an application gets.
func (e *executed) note(r transport.Request) {
	if r.Method == http.MethodGet {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.begun == nil {
		e.begun = map[transport.ID]struct{}{}
	}
	if _, again := e.begun[r.ID]; again && e.twice == nil {
		e.twice = &r.ID
	}
	e.begun[r.ID] = struct{}{}
}
