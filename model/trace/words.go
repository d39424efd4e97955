package trace

import "fmt"

// String returns the role's name.
func (r Role) String() string {
	return word(int(r), "client", "firewall", "cache", "balancer", "server", "store", "shield")
}

// String returns the condition's name.
func (c Condition) String() string {
	return word(int(c), "up", "down", "draining", "vanished", "slow", "failing")
}

// String returns the leg's name.
func (l Leg) String() string { return word(int(l)+1, "whole way", "to core", "from core") }

// word returns the n-th of some words, from 1.
func word(n int, words ...string) string {
	if n < 1 || n > len(words) {
		return fmt.Sprint(n)
	}
	return words[n-1]
}
