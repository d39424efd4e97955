//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "kernel: measures the Linux TCP, so it runs on Linux only")
	os.Exit(2)
}
