//go:build !wasip1

package balancer_test

const canListen = true
