package store_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// testDir is for files of all tests.
var testDir string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

// runTests also makes sure that no goroutine stays behind.
func runTests(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "protosim-store-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	testDir = dir
	defer os.RemoveAll(dir)
	code = m.Run()
	stopInstalled()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
