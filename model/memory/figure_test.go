package memory

import (
	"math"
	"slices"
	"testing"
)

// The model finds a figure for everything, and says where it comes from.
func TestPerConnection(t *testing.T) {
	for _, p := range Protocols() {
		plain, secured := PerConnection(p, false), PerConnection(p, true)
		for _, f := range []Figure{plain, secured} {
			if f.Protocol != p || f.Bytes < 1000 || f.GoVersion == "" || f.GOARCH == "" || f.Source == "" {
				t.Errorf("%+v", f)
			}
		}
		if secured.Bytes <= plain.Bytes {
			t.Errorf("%s takes %d bytes with TLS and %d without", p, secured.Bytes, plain.Bytes)
		}
		if plain.GoVersion != PerConnection(HTTP1, true).GoVersion {
			t.Errorf("the figures in use are of more than one Go")
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a figure for an unknown protocol")
		}
	}()
	PerConnection("gopher", false)
}

// New figures stand in front and replace those of the same Go and machine.
func TestRenew(t *testing.T) {
	figure := func(p Protocol, version string, bytes int) Figure {
		return Figure{Protocol: p, GoVersion: version, GOOS: "linux", GOARCH: "amd64", Bytes: bytes}
	}
	got := Renew(
		[]Figure{figure(HTTP1, "go1", 1), figure(HTTP2, "go1", 2), figure(HTTP1, "go2", 3)},
		[]Figure{figure(HTTP1, "go2", 4), figure(WebSocket, "go2", 5)},
	)
	want := []Figure{figure(HTTP1, "go2", 4), figure(WebSocket, "go2", 5), figure(HTTP1, "go1", 1), figure(HTTP2, "go1", 2)}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		low, high int
		want      []int
	}{
		{1000, 5000, []int{1000, 2000, 3000, 4000, 5000}},
		{1, 3, []int{1, 2, 3}},
	} {
		if got := Spread(test.low, test.high); !slices.Equal(got, test.want) {
			t.Errorf("from %d to %d: %v, want %v", test.low, test.high, got, test.want)
		}
	}
}

// What cannot be measured is an error.
func TestMeasureMistakes(t *testing.T) {
	for _, connections := range [][]int{nil, {10}, {0, 10}, {10, 10}, {20, 10}} {
		if _, err := Measure(HTTP1, false, connections); err == nil {
			t.Errorf("%v connections can be measured", connections)
		}
	}
	if _, err := Measure("gopher", false, []int{1, 2}); err == nil {
		t.Error("an unknown protocol can be measured")
	}
}

// The line through points on a line is that line.
func TestFit(t *testing.T) {
	m := Measurement{Points: []Point{{10, 1100}, {20, 1200}, {40, 1400}}}
	m.fit()
	if math.Abs(m.Bytes-10) > 1e-9 || m.R2 < 0.999999 {
		t.Errorf("slope %v, R² %v", m.Bytes, m.R2)
	}
	m.Points[1].Bytes = 1600
	if m.fit(); m.R2 > 0.9 {
		t.Errorf("R² is %v of points that are on no line", m.R2)
	}
}
