package stage_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"protosim/viz/stage"
)

// TestPartIsTheBeginning: as far as a part of a trace is known, it is what the whole
// one is, wherever it ends.
func TestPartIsTheBeginning(t *testing.T) {
	c := cluster{clients: 12, servers: 3, sticky: true, push: true}
	encoded, whole := c.encoded(t), c.reel("websocket").NewState()
	draw := rand.New(rand.NewPCG(5, 6))
	last := time.Duration(0)
	for n := 200; n < len(encoded); n += 1 + draw.IntN(700) {
		r, err := stage.ReadPart("websocket", bytes.NewReader(encoded[:n]))
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if r.Known < last || r.Known > r.End {
			t.Fatalf("%d bytes are known until %v of %v, fewer until %v", n, r.Known, r.End, last)
		}
		last = r.Known
		part := r.NewState()
		for _, at := range []time.Duration{r.Known, time.Duration(draw.Int64N(int64(r.Known) + 1))} {
			part.Seek(at)
			whole.Seek(at)
			// Hosts, clients and links that are still to come have nothing yet.
			if part.Total != whole.Total || !reflect.DeepEqual(part.Hosts, whole.Hosts[:len(part.Hosts)]) ||
				!reflect.DeepEqual(part.Clients, whole.Clients[:len(part.Clients)]) || !reflect.DeepEqual(part.Links, whole.Links[:len(part.Links)]) {
				t.Fatalf("%d bytes at %v:\n%+v\nwhole\n%+v", n, at, view(part), view(whole))
			}
		}
	}
	if last < 50*time.Second {
		t.Errorf("the longest part is known until %v", last)
	}
	if r, err := stage.ReadPart("websocket", bytes.NewReader(encoded)); err != nil || r.Known != stage.Never {
		t.Errorf("all of it: known until %v, %v", r.Known, err)
	}
	broken := bytes.Replace(encoded, []byte("trace/1"), []byte("trace/9"), 1)
	if _, err := stage.ReadPart("websocket", bytes.NewReader(broken)); err == nil {
		t.Error("part of a trace of another version is read without an error")
	}
}

// TestTimeWaits where one of the lanes is not known yet, and goes on when it is.
func TestTimeWaits(t *testing.T) {
	c := cluster{clients: 12, servers: 3}
	encoded := c.encoded(t)
	part, err := stage.ReadPart("http2", bytes.NewReader(encoded[:len(encoded)/2]))
	if err != nil {
		t.Fatal(err)
	}
	s := stage.New(fixedWidths{})
	s.Reset(time.Minute, "http2", "websocket")
	s.Load(part)
	s.Load(c.reel("websocket"))
	if s.End != 61*time.Second || s.Known() != part.Known {
		t.Fatalf("known until %v of %v, expected %v of 61s", s.Known(), s.End, part.Known)
	}
	s.Play()
	s.SetSpeed(1000)
	if !s.Pass(time.Second) || s.Now != part.Known || !s.Playing {
		t.Errorf("it plays to %v, %v", s.Now, s.Playing)
	}
	if s.Pass(time.Second) || !s.Playing {
		t.Error("it does not wait")
	}
	if s.Seek(time.Minute); s.Now != part.Known {
		t.Errorf("it goes to %v, which is not known", s.Now)
	}
	s.Load(c.reel("http2"))
	if s.Known() != s.End || s.Now != part.Known || !s.Pass(time.Second) || s.Now != s.End || s.Playing {
		t.Errorf("it goes on to %v of %v, %v", s.Now, s.End, s.Playing)
	}
}
