package main

import (
	"errors"
	"fmt"
	"time"
)

// mtu is the largest IP packet of the link.
const mtu = 1500

// Link describes the path between client and server. The zero value is a wire
// without delay, limit or loss.
type Link struct {
	// OneWay is how long a packet travels after its last bit has left the
	// queue, the same in both directions.
	OneWay time.Duration
	// UpBps and DownBps are the rates from and to the client in bits of IP
	// packets per second; 0 is unlimited.
	UpBps, DownBps int64
	// QueueBytes bounds the drop-tail queue of each limited direction: see Queue.
	QueueBytes int
	// Loss is the probability that a packet vanishes before the queue, each
	// packet independently and in both directions.
	Loss float64
	// Seed decides which packets are lost.
	Seed uint64
}

func (l Link) validate() error {
	switch {
	case l.OneWay < 0:
		return fmt.Errorf("a delay of %v: not below zero", l.OneWay)
	case l.UpBps < 0 || l.DownBps < 0:
		return errors.New("a rate below zero: 0 is unlimited")
	case (l.UpBps > 0 || l.DownBps > 0) && l.QueueBytes < mtu:
		return fmt.Errorf("a queue of %d bytes: at least one packet of %d, or none gets through", l.QueueBytes, mtu)
	case l.Loss < 0 || l.Loss >= 1 || l.Loss != l.Loss:
		return fmt.Errorf("a loss of %g: a probability from 0 to below 1, such as 0.01", l.Loss)
	}
	return nil
}

func (l Link) String() string {
	rate := func(bps int64) string {
		if bps == 0 {
			return "unlimited"
		}
		return fmt.Sprintf("%g Mbps", float64(bps)/1e6)
	}
	s := fmt.Sprintf("%v each way, %s", l.OneWay, rate(l.DownBps))
	if l.UpBps != l.DownBps {
		s += fmt.Sprintf(" down, %s up", rate(l.UpBps))
	}
	if l.UpBps != 0 || l.DownBps != 0 {
		s += fmt.Sprintf(", queue %d B", l.QueueBytes)
	}
	if l.Loss > 0 {
		s += fmt.Sprintf(", loss %g %%", l.Loss*100)
	}
	return s
}

// up and down are the two directions of a link.
func (l Link) up() *Queue   { return newQueue(l, l.UpBps, l.Seed*2+1) }
func (l Link) down() *Queue { return newQueue(l, l.DownBps, l.Seed*2+2) }
