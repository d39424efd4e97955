//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// settings differ from the kernel's defaults. They belong to the calling
// thread's network namespace; a new namespace starts with all others as they
// come, except that it inherits the machine's tcp_rmem and tcp_wmem.
var settings = [][2]string{
	{"net/ipv4/tcp_timestamps", "0"},
	// What one connection learnt (ssthresh, RTT) must not reach the next.
	{"net/ipv4/tcp_no_metrics_save", "1"},
	// The machine's own settings may differ from these, which are the usual ones.
	{"net/ipv4/tcp_rmem", "4096 131072 33554432"},
	{"net/ipv4/tcp_wmem", "4096 16384 4194304"},
}

// quiet are settings that keep other traffic off the link where they exist.
var quiet = [][2]string{
	{"net/ipv6/conf/all/disable_ipv6", "1"},
	{"net/ipv6/conf/default/disable_ipv6", "1"},
}

// useCubic chooses the congestion control of a socket, and with a listener's
// that of all connections it accepts. The setting of the namespace would not
// do: where the machine's default is another one, the kernel lets only the
// first namespace choose CUBIC.
func useCubic(_, _ string, c syscall.RawConn) (err error) {
	if e := c.Control(func(fd uintptr) {
		err = unix.SetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION, "cubic")
	}); e != nil {
		return e
	}
	return err
}

func applySettings() error {
	for _, s := range settings {
		if err := os.WriteFile("/proc/sys/"+s[0], []byte(s[1]), 0); err != nil {
			return fmt.Errorf("setting %s to %q: %w", s[0], s[1], err)
		}
	}
	for _, s := range quiet {
		_ = os.WriteFile("/proc/sys/"+s[0], []byte(s[1]), 0)
	}
	return nil
}

// readSettings returns every TCP setting of the calling thread's namespace
// that is stored with the results, and CUBIC's own.
func readSettings() map[string]string {
	all := map[string]string{}
	for _, pattern := range []string{
		"/proc/sys/net/ipv4/tcp_*",
		"/sys/module/tcp_cubic/parameters/*",
	} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			if text, err := os.ReadFile(name); err == nil && !strings.Contains(name, "fastopen_key") {
				short := strings.TrimPrefix(filepath.Base(name), "tcp_")
				if strings.Contains(name, "cubic") {
					short = "cubic." + short
				}
				all[short] = strings.Join(strings.Fields(string(text)), " ")
			}
		}
	}
	all["congestion_control"] = "cubic" // as useCubic says, whatever the namespace's is
	return all
}
