//go:build linux && !race

package memory

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// held is how many connections the tests measure with.
var held = Spread(100, 500)

// eachProtocol runs a test for each protocol, with TLS and without. What is
// measured are other processes.
func eachProtocol(t *testing.T, test func(t *testing.T, p Protocol, tls bool)) {
	for _, p := range Protocols() {
		for _, tls := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS %v", p, tls), func(t *testing.T) {
				t.Parallel()
				test(t, p, tls)
			})
		}
	}
}

func perConnection(t *testing.T, p Protocol, tls bool) float64 {
	t.Helper()
	m, err := Measure(p, tls, held)
	if err != nil {
		t.Fatal(err)
	}
	if m.R2 <= .999 {
		t.Errorf("R² is %v, so memory does not grow linearly: %v", m.R2, m.Points)
	}
	return m.Bytes
}

// within fails the test if a and b are further apart than the share of b.
func within(t *testing.T, share float64, a, b float64, what string) {
	t.Helper()
	if d := a - b; d > share*b || d < -share*b {
		t.Errorf("%s: %.0f and %.0f bytes for each connection differ by %.1f %%", what, a, b, 100*d/b)
	}
}

// Memory grows linearly with connections, measuring once more gives the same,
// and the embedded figure is that of this Go.
func TestLive(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol, tls bool) {
		first, second := perConnection(t, p, tls), perConnection(t, p, tls)
		within(t, .05, first, second, "two measurements")
		f, known := Find(figures, p, tls, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		if !known {
			t.Logf("no figure for %s on %s/%s: go run ./sim memory --out model/memory/figures.json", runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return
		}
		within(t, .10, float64(f.Bytes), second, "figures.json, which go run ./sim memory --out model/memory/figures.json renews,")
	})
}

// A server in a process of its own that holds loopback connections of the
// kernel takes as much: of its Go heap and stacks, for the kernel's buffers are
// counted nowhere.
func TestLoopback(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol, tls bool) {
		want := loopback(t, p, tls)
		if p == HTTP2Stream {
			want = (want - loopback(t, HTTP2, tls)) / streams
		}
		got := perConnection(t, p, tls)
		t.Logf("%.0f bytes in memory, %.0f on loopback", got, want)
		within(t, .10, got, want, "connections in memory and on loopback")
	})
}

// loopback measures a real server.
func loopback(t *testing.T, p Protocol, tls bool) float64 {
	t.Helper()
	text, err := json.Marshal(order{Protocol: p, TLS: tls})
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), loopbackVariable+"="+string(text))
	server.Stderr = os.Stderr
	ask, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		ask.Close() // it ends with its input
		if err := server.Wait(); err != nil {
			t.Error(err)
		}
	}()
	answers := bufio.NewReader(out)
	line := func() string {
		s, err := answers.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(s)
	}
	address := line()
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	var m Measurement
	for _, n := range held {
		for len(open) < n {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, c)
			if err := say(c, p, tls); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(ask, "await")
			line()
		}
		fmt.Fprintln(ask, "measure")
		bytes, err := strconv.Atoi(line())
		if err != nil {
			t.Fatal(err)
		}
		m.Points = append(m.Points, Point{n, bytes})
	}
	m.fit()
	if m.R2 <= .999 {
		t.Errorf("on loopback R² is %v: %v", m.R2, m.Points)
	}
	return m.Bytes
}
