package network

import "time"

const (
	minRTO     = 200 * time.Millisecond // Linux's; RFC 6298 has one second
	maxRTO     = 120 * time.Second
	initialRTO = time.Second
)

// estimator estimates the round-trip time and from it the retransmission
// timeout, RFC 6298 as Linux computes it: the variance is the largest mean
// deviation of a round trip, decays by a quarter in each, and is at least minRTO.
type estimator struct {
	srtt, rttvar  time.Duration
	mdev, mdevMax time.Duration
	rto           time.Duration
	least         time.Duration // the lowest round trip seen
	round         int64         // the present round ends when this is acknowledged
}

func (r *estimator) init() { r.rto = initialRTO }

// sample takes one measurement; newRound says that it is the first of a round.
func (r *estimator) sample(m time.Duration, newRound bool) {
	m = max(m, 1)
	if r.srtt == 0 {
		r.srtt = m
		r.mdev = m / 2
		r.rttvar = max(r.mdev*4, minRTO)
		r.mdevMax = r.rttvar
		r.lowest(m)
	} else {
		err := m - r.srtt
		r.srtt += err / 8
		if err < 0 {
			err = -err - r.mdev
			if err > 0 {
				err /= 8 // a shorter round trip is no reason for a longer timeout
			}
		} else {
			err -= r.mdev
		}
		r.mdev += err / 4
		if dev := r.mdev * 4; dev > r.mdevMax {
			r.mdevMax = dev
			r.rttvar = max(r.rttvar, dev)
		}
		if newRound {
			if r.mdevMax < r.rttvar {
				r.rttvar -= (r.rttvar - r.mdevMax) / 4
			}
			r.mdevMax = minRTO
		}
	}
	r.rto = min(r.srtt+r.rttvar, maxRTO)
}

func (r *estimator) lowest(m time.Duration) {
	if r.least == 0 || m < r.least {
		r.least = m
	}
}
