package memory

import (
	"net"
	"runtime"
	"runtime/debug"
)

// Point is one observation.
type Point struct {
	Connections int `json:"connections"`
	Bytes       int `json:"bytes"` // of heap and stacks in use
}

// Measurement is what connections of one kind take.
type Measurement struct {
	Protocol Protocol
	TLS      bool
	Points   []Point
	Bytes    float64 // for each connection: the slope of the line through the points
	R2       float64 // how well the line fits, 1 at best
}

// collectEvery is how many connections may leave the garbage of their
// handshakes behind.
const collectEvery = 250

// measure holds as many connections as said, one number after the other, and
// measures the memory that the process uses. The process must be a new one:
// what the runtime keeps of goroutines that have ended would not be counted
// when it is used again.
func measure(p Protocol, tls bool, connections []int) (Measurement, error) {
	m := Measurement{Protocol: p, TLS: tls}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // garbage is collected when we say so
	l := newPipeListener()
	s, err := serve(l, p, tls)
	if err != nil {
		return m, err
	}
	var open []*end
	defer func() {
		s.close()
		l.Close()
		for _, c := range open {
			c.Close()
		}
	}()
	last := connections[len(connections)-1]
	open = make([]*end, 0, last)
	for _, n := range connections {
		for len(open) < n {
			client, server := newPipe(len(open))
			open = append(open, server)
			l.conns <- net.Conn(server)
			if err := say(client, p, tls); err != nil {
				return m, err
			}
			client.in.ignore()
			s.await(1)
			if len(open)%collectEvery == 0 {
				runtime.GC()
			}
		}
		m.Points = append(m.Points, Point{n, settled()})
	}
	m.fit()
	return m, nil
}

// settled returns how much heap and stack is in use once collecting garbage
// makes no difference any more: each collection halves stacks that were larger
// for a while, and pools let go of what they hold with the second.
func settled() int {
	const least, most = 4, 20
	previous := 0
	for n := 1; ; n++ {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		used := int(s.HeapAlloc + s.StackInuse)
		if n >= most || n >= least && used > previous-previous/2000 {
			return used
		}
		previous = used
	}
}

// fit lays a line through the points by least squares.
func (m *Measurement) fit() {
	var n, x, y, xx, xy, yy float64
	for _, p := range m.Points {
		a, b := float64(p.Connections), float64(p.Bytes)
		n++
		x += a
		y += b
		xx += a * a
		xy += a * b
		yy += b * b
	}
	sxx, sxy, syy := xx-x*x/n, xy-x*y/n, yy-y*y/n
	m.Bytes = sxy / sxx
	m.R2 = sxy * sxy / (sxx * syy)
}
