//go:build linux && race

package memory

import (
	"os/exec"
	"testing"
)

// The race detector takes memory of its own, so what measures does so without
// it, in a program that was built without.
func TestWithoutRaceDetector(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs these tests without the race detector anyway")
	}
	out, err := exec.Command("go", "test", "-race=false", "-count=1", "-run=^(TestLive|TestLoopback)$", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go test without the race detector: %v\n%s", err, out)
	}
}
