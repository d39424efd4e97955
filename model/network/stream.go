package network

// stream holds the bytes that one end has written until the other end's
// program is given them, in order. Writers hand over whole slices and never
// touch them again, so nothing is copied.
type stream struct {
	chunks [][]byte
	head   int
}

func (s *stream) append(chunks [][]byte) { s.chunks = append(s.chunks, chunks...) }

// take removes the next n bytes and appends the slices that hold them to dst.
func (s *stream) take(dst [][]byte, n int) [][]byte {
	for n > 0 {
		p := s.chunks[s.head]
		if len(p) > n {
			s.chunks[s.head] = p[n:]
			return append(dst, p[:n:n])
		}
		dst = append(dst, p)
		n -= len(p)
		s.chunks[s.head] = nil
		s.head++
		if s.head == len(s.chunks) {
			s.chunks, s.head = s.chunks[:0], 0
		}
	}
	if s.head > 32 && s.head*2 > len(s.chunks) {
		s.chunks = s.chunks[:copy(s.chunks, s.chunks[s.head:])]
		s.head = 0
	}
	return dst
}

// outbox gathers what a program writes, in chunks that grow with what there is
// already, so that nothing is copied twice.
type outbox struct {
	chunks [][]byte
	size   int
}

const maxChunk = 64 << 10

func (o *outbox) add(p []byte) {
	room := min(o.size, maxChunk) // for what follows
	o.size += len(p)
	if k := len(o.chunks) - 1; k >= 0 {
		last := o.chunks[k]
		n := min(cap(last)-len(last), len(p))
		o.chunks[k] = append(last, p[:n]...)
		p = p[n:]
	}
	if len(p) > 0 {
		o.chunks = append(o.chunks, append(make([]byte, 0, max(len(p), room)), p...))
	}
}
