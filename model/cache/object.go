package cache

import (
	"net/http"
	"sync"
)

// object is a response that is stored, or about to be. It does not change,
// except that its body arrives.
type object struct {
	status     int
	header     http.Header
	announced  []string // trailers that it announced
	vary       []field
	directives directives
	timing     timing
	etag       string
	modified   string
	body       *body
	cost       int64

	revalidating bool // in the background; the cache's mutex guards it
}

// overhead is what an object costs in memory besides its body and headers.
const overhead = 512

// costOf estimates the memory that a response takes.
func costOf(key string, h http.Header, body int64) int64 {
	n := body + int64(len(key)) + overhead
	for name, values := range h {
		n += int64(len(name)) + 48
		for _, v := range values {
			n += int64(len(v)) + 16
		}
	}
	return n
}

// body is a response's body, which several read while it arrives.
type body struct {
	length int64 // -1 if it is not known

	mu        sync.Mutex
	data      []byte
	trailer   http.Header
	done      bool // all has arrived, or nothing more will
	err       error
	more      chan struct{} // closed when something changes
	abandoned bool          // nobody reads
	rest      *stream       // what is too large to be stored; for the one that reads
}

func newBody(length int64) *body {
	b := &body{length: length, more: make(chan struct{})}
	if length > 0 {
		b.data = make([]byte, 0, length)
	}
	return b
}

// add takes what has arrived.
func (b *body) add(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p...)
	b.changed()
}

// end says that nothing more will arrive.
func (b *body) end(trailer http.Header, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trailer, b.err, b.done = trailer, err, true
	b.changed()
}

// handOver leaves the rest to the one that reads. It reports whether there is one.
func (b *body) handOver(rest *stream) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rest, b.done = rest, true
	b.changed()
	return !b.abandoned
}

// abandon says that the first reader is gone. It returns what it would have
// had to read.
func (b *body) abandon() *stream {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.abandoned = true
	return b.rest
}

// look returns what has arrived, whether that is all, and what tells of more.
func (b *body) look() (data []byte, done bool, more <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data, b.done, b.more, b.err
}

// complete reports whether all of it is there.
func (b *body) complete() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.done && b.err == nil && b.rest == nil
}

func (b *body) changed() {
	close(b.more)
	b.more = make(chan struct{})
}
