//go:build !linux

package store_test

// stopInstalled has nothing to stop: redis-server is compared with on Linux.
func stopInstalled() {}
