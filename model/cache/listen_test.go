//go:build !wasip1

package cache_test

const canListen = true
