package main

import (
	"os"
	"testing"
)

// TestMain lets this test program be its own worker.
func TestMain(m *testing.M) {
	if os.Getenv(workerVariable) != "" {
		os.Exit(workerMain())
	}
	os.Exit(m.Run())
}
