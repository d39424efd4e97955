//go:build !wasip1

package firewall_test

const canListen = true
