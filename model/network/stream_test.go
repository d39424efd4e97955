package network

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// What goes through outboxes into a stream comes out the same, whatever the
// sizes of the pieces.
func TestStream(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 5))
		var s stream
		var in, out []byte
		for range 200 {
			var o outbox
			for range r.IntN(4) {
				p := make([]byte, r.IntN(1+r.IntN(3000)))
				for i := range p {
					p[i] = byte(r.Uint32())
				}
				in = append(in, p...)
				o.add(p)
				clear(p) // the writer's again
			}
			s.append(o.pieces)
			for _, p := range s.take(nil, r.IntN(1+len(in)-len(out))) {
				out = append(out, p.bytes...)
				p.release()
			}
		}
		for _, p := range s.take(nil, len(in)-len(out)) {
			out = append(out, p.bytes...)
		}
		if !bytes.Equal(in, out) {
			t.Fatalf("seed %d: %d bytes went in, and others came out", seed, len(in))
		}
	}
}
