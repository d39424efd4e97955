package world

import "time"

// frontend is what a fleet needs of its balancer.
type frontend interface {
	Add(backend)
	Remove(name string)
	Drain(name string, deadline time.Duration)
	Close()
}

type backend struct{ Name, Address string }
