package network_test

import (
	"testing"
	"time"

	"protosim/model/network"
)

// arrivals has the server send n full segments in one instant over its uplink,
// and returns when each arrived at the client, and the link's counters after
// the first had.
func arrivals(t *testing.T, link network.LinkConfig, n int, during func(*rig)) (list []time.Duration, stats network.LinkStats) {
	play(t, network.TCP{InitialWindow: n, ReceiveWindow: 1e7, ReceiveBuffer: 1e7, SendBuffer: -1}, func(r *rig) {
		r.delay(0)
		c, s := r.connect()
		r.server.Up.Set(link)
		began := r.clock.Now()
		if during != nil {
			during(r)
		}
		s.Write(make([]byte, n*mss))
		for got := 0; ; {
			k, err := c.Read(make([]byte, mss))
			if err != nil {
				break
			}
			if got == 0 { // nothing has been sent again yet
				stats = r.server.Up.Stats()
			}
			if got += k; got%mss == 0 {
				list = append(list, r.clock.Now()-began)
			}
			if got == n*mss {
				break
			}
		}
		c.Close()
		s.Close()
	})
	return list, stats
}

// Packets of 1500 bytes leave a link of 10 Mbps every 1.2 ms, and arrive its
// delay later.
func TestBandwidth(t *testing.T) {
	list, _ := arrivals(t, network.LinkConfig{Delay: 7 * ms, Bandwidth: 10_000_000}, 20, nil)
	for i, at := range list {
		if want := 7*ms + time.Duration(i+1)*1200*time.Microsecond; at != want {
			t.Fatalf("packet %d arrived at %v, want %v", i+1, at, want)
		}
	}
}

// A time that is no whole number of nanoseconds is cut for each packet: 1500
// bytes at 7 Mbps take 1,714,285.7 ns.
func TestBandwidthToTheNanosecond(t *testing.T) {
	list, _ := arrivals(t, network.LinkConfig{Bandwidth: 7_000_000}, 20, nil)
	for i, at := range list {
		if want := time.Duration(i+1) * 1_714_285; at != want {
			t.Fatalf("packet %d arrived at %d ns, want %d", i+1, at, want)
		}
	}
}

// A queue of 15,000 bytes holds ten packets of 1500 besides the one being
// sent; what comes then is dropped.
func TestDropTail(t *testing.T) {
	for queue, want := range map[int]int64{15_000: 9, 14_999: 10, 15_001: 9, 16_500: 8, 1500: 18, 1499: 19, 0: 0} {
		_, stats := arrivals(t, network.LinkConfig{Bandwidth: 10_000_000, Queue: queue}, 20, nil)
		if stats.Dropped != want {
			t.Errorf("queue of %d bytes: %d of 20 packets were dropped, want %d", queue, stats.Dropped, want)
		}
		if queue > 0 && stats.PeakQueue != queue/1500*1500 {
			t.Errorf("queue of %d bytes: at most %d were used", queue, stats.PeakQueue)
		}
	}
}

// Jitter delays packets, evenly between none and its most, and keeps their order.
func TestJitter(t *testing.T) {
	list, _ := arrivals(t, network.LinkConfig{Delay: 10 * ms, Jitter: 40 * ms, Bandwidth: 100_000_000}, 1000, nil)
	var extra, most time.Duration
	for i, at := range list {
		if i > 0 && at < list[i-1] {
			t.Fatalf("packet %d arrived at %v, before the one ahead at %v", i, at, list[i-1])
		}
		d := at - time.Duration(i+1)*120*time.Microsecond - 10*ms
		extra += d / 1000
		most = max(most, d)
	}
	// Packets that wait for those ahead are delayed most of the time.
	if most > 40*ms || most < 39*ms || extra < 30*ms {
		t.Errorf("the most extra delay is %v and the mean %v", most, extra)
	}
}

// The share of losses is what was asked for, within four standard errors.
func TestLoss(t *testing.T) {
	play(t, network.TCP{InitialWindow: 4000, ReceiveWindow: 1e7, ReceiveBuffer: 1e7, SendBuffer: -1}, func(r *rig) {
		c, s := r.connect()
		r.server.Up.Set(network.LinkConfig{Loss: 0.05})
		before := r.server.Up.Stats()
		s.Write(make([]byte, 4000*mss))
		r.sleep(10 * ms)
		stats := r.server.Up.Stats()
		sent, lost := stats.Packets-before.Packets, stats.Lost-before.Lost
		if sent != 4000 || lost < 145 || lost > 255 {
			t.Errorf("%d of %d packets were lost, want 200 ± 55", lost, sent)
		}
		s.Abort()
		c.Close()
	})
}

// A new bandwidth counts for the packets that wait, a new delay for those that
// have not left; none overtakes another.
func TestLinkChanges(t *testing.T) {
	slow := network.LinkConfig{Delay: 20 * ms, Bandwidth: 10_000_000}
	list, _ := arrivals(t, slow, 10, func(r *rig) {
		r.at(r.clock.Now()+3*ms, func() { // the third packet is being sent
			r.server.Up.Set(network.LinkConfig{Delay: 5 * ms, Bandwidth: 100_000_000})
		})
	})
	us := time.Microsecond
	want := []time.Duration{
		21200 * us, 22400 * us, // as before
		22400 * us, // sent until 3.6 ms, would arrive at 8.6 ms: waits for those ahead
		22400 * us, // and so on, 0.12 ms each
	}
	for i, at := range want {
		if list[i] != at {
			t.Errorf("packet %d arrived at %v, want %v", i+1, list[i], at)
		}
	}
	if last := list[len(list)-1]; last != 22400*us {
		t.Errorf("the last packet arrived at %v", last)
	}
}

// A link whose limit is lifted empties its queue at once.
func TestLimitLifted(t *testing.T) {
	list, _ := arrivals(t, network.LinkConfig{Bandwidth: 1_000_000}, 10, func(r *rig) {
		r.at(r.clock.Now()+5*ms, func() { r.server.Up.Set(network.LinkConfig{}) })
	})
	for i, at := range list {
		if at != 12*ms { // when the first has been sent
			t.Errorf("packet %d arrived at %v, want 12ms", i+1, at)
		}
	}
}
