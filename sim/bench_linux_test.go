package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkThousandClients runs the command itself, with its workers: the page
// scenario with 1,000 clients under all strategies. It reports how long that
// takes, how much processor time, and the most memory that the command and its
// workers have held together.
func BenchmarkThousandClients(b *testing.B) {
	program := filepath.Join(b.TempDir(), "protosim")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	var wall, busy time.Duration
	var peak int64
	for b.Loop() {
		c := exec.Command(program, "run", "page-load", "--set", "clients.count=1000", "--quiet")
		c.Stderr = os.Stderr
		began := time.Now()
		if err := c.Start(); err != nil {
			b.Fatal(err)
		}
		over := make(chan error, 1)
		go func() { over <- c.Wait() }()
		for watching := true; watching; {
			select {
			case err := <-over:
				if err != nil {
					b.Fatal(err)
				}
				watching = false
			case <-time.After(50 * time.Millisecond):
				peak = max(peak, resident(c.Process.Pid))
			}
		}
		wall += time.Since(began)
		busy += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(wall.Seconds()/float64(b.N), "s")
	b.ReportMetric(busy.Seconds()/float64(b.N), "cpu-s")
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
}

// resident is the memory in use of a process and those that it has started, in
// bytes: VmRSS of /proc/PID/status. A process that has just ended has none.
func resident(pid int) (bytes int64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if size, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			var kB int64
			fmt.Sscan(size, &kB)
			bytes += kB << 10
		}
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		children, _ := os.ReadFile(task)
		for child := range strings.FieldsSeq(string(children)) {
			var id int
			if _, err := fmt.Sscan(child, &id); err == nil {
				bytes += resident(id)
			}
		}
	}
	return bytes
}
