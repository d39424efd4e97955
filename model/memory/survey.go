package memory

import (
	"fmt"
	"math"
	"runtime"
)

// Spread returns the numbers of connections to measure with from low to high.
func Spread(low, high int) []int {
	const points = 5
	var list []int
	for i := range points {
		n := low + (high-low)*i/(points-1)
		if len(list) == 0 || n > list[len(list)-1] {
			list = append(list, n)
		}
	}
	return list
}

// Figure is the measurement in the form in which it is kept, as one of this
// program's Go and machine.
func (m Measurement) Figure() Figure {
	return Figure{
		Protocol:  m.Protocol,
		TLS:       m.TLS,
		Bytes:     int(math.Round(m.Bytes)),
		GoVersion: runtime.Version(),
		GOOS:      runtime.GOOS,
		GOARCH:    runtime.GOARCH,
		Source: fmt.Sprintf("protosim memory: heap and stacks of a net/http server with %d to %d connections, R² %.5f",
			m.Points[0].Connections, m.Points[len(m.Points)-1].Connections, m.R2),
	}
}

// Renew returns the table with new figures in front, in place of those of the
// same Go and machine.
func Renew(table, new []Figure) []Figure {
	list := append([]Figure{}, new...)
	for _, f := range table {
		if _, renewed := Find(new, f.Protocol, f.TLS, f.GoVersion, f.GOOS, f.GOARCH); !renewed {
			list = append(list, f)
		}
	}
	return list
}

// Find returns the figure of a Go and a machine.
func Find(table []Figure, p Protocol, tls bool, goVersion, goos, goarch string) (Figure, bool) {
	for _, f := range table {
		if f.Protocol == p && f.TLS == tls && f.GoVersion == goVersion && f.GOOS == goos && f.GOARCH == goarch {
			return f, true
		}
	}
	return Figure{}, false
}
