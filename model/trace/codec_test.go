package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// anyTrace makes a trace of n events with every field now and then at its limits.
func anyTrace(r *rand.Rand, n int) []Event {
	num := func(limits ...uint64) uint64 {
		if r.IntN(8) == 0 {
			return limits[r.IntN(len(limits))]
		}
		return uint64(r.IntN(1 << r.IntN(20)))
	}
	var at time.Duration
	events := make([]Event, n)
	for i := range events {
		at += time.Duration(r.IntN(1 << r.IntN(30)))
		e := Event{At: at, Kind: Kind(1 + r.IntN(int(lastKind)))}
		for _, to := range []*uint32{&e.Host, &e.Peer, &e.Client, &e.Serial} {
			if r.IntN(2) == 0 {
				*to = uint32(num(math.MaxUint32))
			}
		}
		if r.IntN(2) == 0 {
			e.Conn = num(math.MaxUint64)
		}
		for _, to := range []*int{&e.Bytes, &e.Code} {
			if r.IntN(2) == 0 {
				*to = int(int32(num(math.MaxInt32, 1<<31)))
			}
		}
		if r.IntN(2) == 0 {
			e.Until = at + time.Duration(int32(num(0, 1<<31)))
		}
		switch r.IntN(4) {
		case 0:
			e.Text = fmt.Sprintf("GET /object/%d", r.IntN(100))
		case 1:
			e.Text = strings.Repeat("é\x00", r.IntN(50))
		}
		events[i] = e
	}
	return events
}

func encode(t testing.TB, events []Event) []byte {
	t.Helper()
	var b bytes.Buffer
	c := NewEncoder(&b)
	for _, e := range events {
		if err := c.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decode(r io.Reader) (events []Event, err error) {
	d := NewDecoder(r)
	for {
		e, err := d.Decode()
		if err == io.EOF {
			return events, nil
		} else if err != nil {
			return events, err
		}
		events = append(events, e)
	}
}

// What was encoded comes out again.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		want := anyTrace(r, n)
		got, err := decode(bytes.NewReader(encode(t, want)))
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%d events: %v; got %v, want %v", n, err, got, want)
		}
	}
}

// More different texts than are kept still come out again.
func TestManyTexts(t *testing.T) {
	var want []Event
	for i := range maxStrings + 100 {
		want = append(want, Event{Kind: Request, Text: fmt.Sprint(i)})
	}
	want = append(want, want[len(want)-50:]...)
	got, err := decode(bytes.NewReader(encode(t, want)))
	if err != nil || !slices.Equal(got, want) {
		t.Error(err, len(got))
	}
}

// A trace that is cut off anywhere is told from a whole one.
func TestTruncated(t *testing.T) {
	whole := encode(t, anyTrace(rand.New(rand.NewPCG(1, 2)), 20))
	for n := range whole {
		_, err := decode(bytes.NewReader(whole[:n]))
		if n >= len(header) && !errors.Is(err, io.ErrUnexpectedEOF) || err == nil {
			t.Errorf("the first %d of %d bytes: %v", n, len(whole), err)
		}
	}
}

// What is not a trace of this version is refused, and so are numbers that fit nowhere.
func TestRefused(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"other file":    {"protosim.result/1\n...", "no trace of version 1"},
		"other version": {"protosim.trace/2\n\x00", "no trace of version 1"},
		"kind":          {header + "\x80\xff\x01\x00", "kind 63 is not known"},
		"no kind":       {header + "\x01\x00\x01", "kind 0 is not known"},
		"host":          {header + "\x81\x04\x00\xff\xff\xff\xff\xff\x7f", "out of range"},
		"time":          {header + "\x80\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "out of range"},
		"overlong":      {header + "\x80\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "out of range"},
		"text":          {header + "\x80\x06\x00\x07", "out of range"},
		"text's length": {header + "\x80\x06\x00\x00\xff\xff\xff\x01", "out of range"},
	}
	for name, tt := range tests {
		if _, err := decode(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// The encoder refuses what it could not give back.
func TestEncoderRefuses(t *testing.T) {
	for name, events := range map[string][]Event{
		"kind":  {{Kind: lastKind + 1}},
		"order": {{Kind: Host, At: 2}, {Kind: Host, At: 1}},
		"text":  {{Kind: Host, Text: strings.Repeat("x", maxString+1)}},
	} {
		c := NewEncoder(io.Discard)
		var err error
		for _, e := range events {
			err = c.Encode(e)
		}
		if err == nil || c.Close() == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := NewEncoder(io.Discard)
	if err := c.Close(); err != nil || c.Encode(Event{Kind: Host}) == nil {
		t.Error("a closed encoder takes events", err)
	}
}

// A failing writer is told of, once and for all.
func TestEncoderReportsWriter(t *testing.T) {
	c := NewEncoder(failing{})
	if err := c.Encode(Event{Kind: Host}); !errors.Is(err, io.ErrClosedPipe) || !errors.Is(c.Close(), io.ErrClosedPipe) {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// Whatever the decoder takes, the encoder gives back.
func FuzzDecoder(f *testing.F) {
	f.Add(encode(f, anyTrace(rand.New(rand.NewPCG(3, 4)), 30)))
	f.Add([]byte(header + "\x00"))
	f.Add([]byte(header + "\x80\x06\x00\x07"))
	f.Fuzz(func(t *testing.T, text []byte) {
		events, err := decode(bytes.NewReader(text))
		if err != nil {
			return
		}
		again, err := decode(bytes.NewReader(encode(t, events)))
		if err != nil || !slices.Equal(again, events) {
			t.Errorf("%v: %v became %v", err, events, again)
		}
	})
}

func TestKindsHaveNames(t *testing.T) {
	for k := Host; k <= lastKind; k++ {
		text, err := k.MarshalText()
		var back Kind
		if err != nil || back.UnmarshalText(text) != nil || back != k {
			t.Errorf("kind %d: %q, %v, %d", k, text, err, back)
		}
	}
	if Fault != lastKind {
		t.Error("a kind without a name")
	}
	if err := new(Kind).UnmarshalText([]byte("")); err == nil {
		t.Error("a kind without a name is taken")
	}
}
