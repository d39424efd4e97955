//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// eventLog records what the kernel's TCP tells tracefs about itself: cwnd and
// ssthresh at each packet received, changes of state, retransmissions, growth
// of buffers. It is the whole machine's tracer, so only one can record at a time.
type eventLog struct {
	dir     string
	mounted bool
	before  time.Duration // CLOCK_MONOTONIC at now
	now     time.Time
}

var tcpEvents = []string{"tcp/tcp_probe", "tcp/tcp_cong_state_set", "tcp/tcp_retransmit_skb", "tcp/tcp_rcvbuf_grow", "tcp/tcp_rcv_space_adjust"}

func recordEvents() (*eventLog, error) {
	l := &eventLog{dir: "/sys/kernel/tracing"}
	if _, err := os.Stat(l.dir + "/events"); err != nil {
		l.dir = filepath.Join(os.TempDir(), fmt.Sprintf("kernel-tracefs.%d", os.Getpid()))
		if err := os.MkdirAll(l.dir, 0o700); err != nil {
			return nil, err
		}
		if err := unix.Mount("none", l.dir, "tracefs", 0, ""); err != nil {
			return nil, fmt.Errorf("mounting tracefs, for the kernel's events: %w", err)
		}
		l.mounted = true
	}
	err := errors.Join(l.set("trace", ""), l.set("trace_clock", "mono"), l.set("buffer_size_kb", "65536"))
	for _, e := range tcpEvents {
		// Not every kernel has every event.
		_ = l.set("events/"+e+"/enable", "1")
	}
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	l.before, l.now = time.Duration(ts.Nano()), time.Now()
	return l, err
}

func (l *eventLog) set(file, value string) error {
	return os.WriteFile(filepath.Join(l.dir, file), []byte(value), 0o644)
}

var stamp = regexp.MustCompile(`^.*?\s(\d+\.\d+): `)

// stop ends the recording and returns it with times in milliseconds since the
// page load began.
func (l *eventLog) stop(run Run) (string, error) {
	for _, e := range tcpEvents {
		_ = l.set("events/"+e+"/enable", "0")
	}
	text, err := os.ReadFile(filepath.Join(l.dir, "trace"))
	_ = l.set("trace", "")
	_ = l.set("buffer_size_kb", "1024")
	if l.mounted {
		_ = unix.Unmount(l.dir, unix.MNT_DETACH)
		_ = os.Remove(l.dir)
	}
	if err != nil {
		return "", err
	}
	zero := l.before + run.Began.Sub(l.now)
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		m := stamp.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		seconds, _ := strconv.ParseFloat(line[m[2]:m[3]], 64)
		fmt.Fprintf(&b, "%10.3f %s", seconds*1e3-millis(zero), line[m[1]:])
	}
	return b.String(), nil
}
