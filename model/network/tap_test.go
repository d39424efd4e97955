package network_test

import (
	"bytes"
	"testing"
	"time"

	"protosim/model/network"
)

// recording puts together what a tap has seen of the stream to one host.
type recording struct {
	to       string
	bytes    []byte // by sequence number, from 1
	segments int
	again    int
	bad      []string
}

func (r *recording) tap(s *network.Sighting) {
	if s.To.Name != r.to {
		return
	}
	r.segments++
	data := bytes.Join(s.Payload, nil)
	if len(data) != s.Length {
		r.bad = append(r.bad, "a payload is incomplete")
	}
	if s.Length == 0 {
		return
	}
	from, end := int(s.Seq-1), int(s.Seq-1)+len(data)
	if known := min(end, len(r.bytes)); from < known {
		r.again++
		if !bytes.Equal(r.bytes[from:known], data[:known-from]) {
			r.bad = append(r.bad, "a byte differs the second time")
		}
	}
	for len(r.bytes) < end { // what a capture at the receiver has not seen yet
		r.bytes = append(r.bytes, 0)
	}
	copy(r.bytes[from:end], data)
}

// Taps at both ends see every byte, also of what is sent again after its
// original has been read, and nothing is kept that has been received.
func TestTap(t *testing.T) {
	for name, loss := range map[string]float64{"lossless": 0, "lossy": .03} {
		t.Run(name, func(t *testing.T) {
			sent := random(2_000_000)
			there, here := &recording{to: "client"}, &recording{to: "client"}
			playUnrecorded(t, network.TCP{}, func(r *rig) {
				r.server.Tap, r.client.Tap = there.tap, here.tap
				down := r.client.Down.Config()
				down.Loss, down.Bandwidth = loss, 50_000_000
				r.client.Down.Set(down)
				up := r.server.Down.Config()
				up.Loss = loss
				r.server.Down.Set(up)
				c, s := r.connect()
				r.goDo(1, func() {
					s.Write(sent)
					s.CloseWrite()
				})
				r.drain(c)
				r.sleep(time.Second)
				if kept := network.Kept(s); kept > 0 {
					t.Errorf("%d bytes are kept at the end", kept)
				}
				c.Close()
				s.Close()
			})
			if !bytes.Equal(there.bytes, sent) || len(there.bad) > 0 {
				t.Errorf("the sender's tap has other bytes: %v", there.bad)
			}
			if loss == 0 && (!bytes.Equal(here.bytes, sent) || len(here.bad) > 0 || here.segments != there.segments || there.again > 0) {
				t.Errorf("the receiver's tap has %d segments and the sender's %d: %v", here.segments, there.segments, here.bad)
			}
			if loss > 0 && (there.again < 10 || here.segments >= there.segments || !bytes.Equal(here.bytes, sent)) {
				t.Errorf("of %d segments %d were sent again and %d arrived", there.segments, there.again, here.segments)
			}
		})
	}
}
