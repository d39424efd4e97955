package network

import (
	"math/bits"
	"sync"
)

// stream holds the bytes that one end has written until the other end's
// program is given them, in order. Writers hand over whole chunks and never
// touch them again, so nothing is copied.
type stream struct {
	pieces []piece
	head   int
}

// piece is a part of a chunk. The last piece of a chunk owns it: streams are
// read in order, so when that piece has been read nobody needs the chunk.
type piece struct {
	bytes []byte
	chunk *chunk // nil if another piece follows
}

// release gives the chunk back once the piece has been read.
func (p *piece) release() {
	if p.chunk != nil {
		p.chunk.recycle()
	}
	*p = piece{}
}

func (s *stream) append(pieces []piece) { s.pieces = append(s.pieces, pieces...) }

// take removes the next n bytes and appends the pieces that hold them to dst.
func (s *stream) take(dst []piece, n int) []piece {
	for n > 0 {
		p := &s.pieces[s.head]
		if len(p.bytes) > n {
			dst = append(dst, piece{bytes: p.bytes[:n:n]})
			p.bytes = p.bytes[n:]
			return dst
		}
		dst = append(dst, *p)
		n -= len(p.bytes)
		*p = piece{}
		s.head++
		if s.head == len(s.pieces) {
			s.pieces, s.head = s.pieces[:0], 0
		}
	}
	if s.head > 32 && s.head*2 > len(s.pieces) {
		s.pieces = s.pieces[:copy(s.pieces, s.pieces[s.head:])]
		s.head = 0
	}
	return dst
}

// outbox gathers what a program writes, in chunks that grow with what there is
// already, so that nothing is copied twice.
type outbox struct {
	pieces []piece
	size   int
}

func (o *outbox) add(p []byte) {
	room := min(o.size, maxChunk) // for what follows
	o.size += len(p)
	if k := len(o.pieces) - 1; k >= 0 {
		last := o.pieces[k].bytes
		n := min(cap(last)-len(last), len(p))
		o.pieces[k].bytes = append(last, p[:n]...)
		p = p[n:]
	}
	for len(p) > 0 {
		c := newChunk(min(max(len(p), room), maxChunk))
		n := min(len(p), cap(c.bytes))
		o.pieces = append(o.pieces, piece{append(c.bytes, p[:n]...), c})
		p = p[n:]
	}
}

const (
	minChunk = 256
	maxChunk = 64 << 10
)

// chunk is memory that is used again and again, by all runs: fresh memory costs
// more than the copy into it.
type chunk struct {
	bytes []byte // empty; its capacity is a power of two
}

// chunks holds what can be reused, by the logarithm of its size.
var chunks [17]sync.Pool

// newChunk returns a chunk with room for n bytes, at most maxChunk.
func newChunk(n int) *chunk {
	class := bits.Len(uint(max(n, minChunk) - 1))
	if c, ok := chunks[class].Get().(*chunk); ok {
		return c
	}
	return &chunk{make([]byte, 0, 1<<class)}
}

func (c *chunk) recycle() { chunks[bits.Len(uint(cap(c.bytes)-1))].Put(c) }
