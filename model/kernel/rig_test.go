//go:build linux

package main

import (
	"os"
	"testing"
	"time"
)

// TestMain runs the tests inside a network namespace when asked to: the tests
// of the rig itself need root and a machine with nothing else to do.
func TestMain(m *testing.M) {
	if os.Getenv("PROTOSIM_KERNEL") != "" && os.Getenv(insideEnv) == "" {
		os.Exit(enter())
	}
	os.Exit(m.Run())
}

// needRig skips a test unless the rig may be used.
func needRig(t *testing.T) {
	t.Helper()
	if os.Getenv(insideEnv) == "" {
		t.Skip("needs root and /dev/net/tun: PROTOSIM_KERNEL=1 go test ./model/kernel")
	}
	if err := applySettings(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryProtocolLoadsAPage(t *testing.T) {
	needRig(t)
	const delay = 10 * time.Millisecond
	// Round trips by arithmetic: the handshake, then one per object and
	// connection, of which HTTP/1.1 has six.
	for _, test := range []struct {
		protocol    string
		tls         bool
		roundTrips  time.Duration
		connections int
	}{
		{"http1", false, 3, 6},
		{"http1-close", false, 4, 12},
		// HTTP/2's first bytes wait for the server's SETTINGS: see
		// FIGURES.md 15, 507 ms for objects of 1,000 bytes.
		{"http2", false, 2, 1},
		{"websocket", false, 3, 1},
		{"http1", true, 4, 6},
		{"http2", true, 3, 1},
		{"websocket", true, 4, 1},
	} {
		p := Page{Protocol: test.protocol, TLS: test.tls, Objects: 12, ObjectBytes: 500}
		run, err := measure(t.Context(), p, Link{OneWay: delay})
		if err != nil {
			t.Errorf("%+v: %v", p, err)
			continue
		}
		if low, high := test.roundTrips*2*delay, (test.roundTrips+2)*2*delay; run.Time < low || run.Time > high {
			t.Errorf("%+v took %v, want %v to %v", p, run.Time, low, high)
		}
		if run.Connections != test.connections {
			t.Errorf("%+v: %d connections, want %d", p, run.Connections, test.connections)
		}
	}
}

func TestTheLinkLimitsTheRate(t *testing.T) {
	needRig(t)
	l := Link{OneWay: 5 * time.Millisecond, UpBps: 10e6, DownBps: 10e6, QueueBytes: 150_000}
	run, err := measure(t.Context(), Page{Protocol: "http1", Objects: 1, ObjectBytes: 1_000_000}, l)
	if err != nil {
		t.Fatal(err)
	}
	// 685 full packets of 1500 bytes at 10 Mbps take 822 ms.
	if run.Time < 840*time.Millisecond || run.Time > 1000*time.Millisecond {
		t.Errorf("1 MB at 10 Mbps took %v, want about 0.85 s", run.Time)
	}
}

func TestLossIsRepaired(t *testing.T) {
	needRig(t)
	run, err := measure(t.Context(), Page{Protocol: "http2", Objects: 20, ObjectBytes: 20_000}, Link{OneWay: 5 * time.Millisecond, Loss: .03, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	dropped, lost := countFates(run.Trace)
	if dropped != 0 || lost == 0 {
		t.Errorf("%d dropped and %d lost, want none and some", dropped, lost)
	}
}
