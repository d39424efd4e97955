package network_test

import (
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"protosim/model/network"
)

// A transfer of 96,360 bytes is 66 segments behind a SYN-ACK, in flights of 10,
// 20 and 36: without loss it takes 400 ms. What it takes if one of them is lost
// is known too.
const (
	lossySegments = 10 + 20 + 36
	lossySize     = lossySegments * mss
	lossyPackets  = 1 + lossySegments // on the way to the client, that count
	harmless      = 1                 // the acknowledgement of the request, which the first segment repeats
	untouched     = 400 * ms
)

// oneLoss returns how long the transfer takes if the data segment of that
// number, or the SYN-ACK with number 0, is lost.
func oneLoss(t *testing.T, number int) time.Duration {
	took, _ := transfer(t, 1, lossySize, func(net *network.Network, client *network.Host) {
		client.Up.Set(network.LinkConfig{Delay: 50 * ms})
		client.Down.Set(network.LinkConfig{Delay: 50 * ms})
		n := -1
		net.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			if p.From == "server" && (p.SYN || p.Payload > 0) {
				n++
				return network.Verdict{Drop: n == number}
			}
			return network.Pass
		}))
	})
	return took
}

// Which rule repairs the loss of one segment depends on how many were sent
// behind it in the last flight, which is under way from 350 to 400 ms:
//
//   - three or more: they are reported at 450 ms, and it is sent again at once
//     (RFC 8985 section 6.2, RFC 6675): one round trip more;
//   - one or two: it might have been overtaken, for a quarter of a round trip and
//     Linux's millisecond more;
//   - none: nothing is reported. The segment before it is the odd one, whose
//     acknowledgement waits for 40 ms (RFC 1122 section 4.2.3.2), and then the
//     timeout of 200 ms and a round trip passes, which is taken for 105 ms, an
//     eighth of the 40 more (RFC 6298, RFC 8985 section 7).
//
// A lost SYN-ACK costs a second (RFC 6298 section 2). In the first two flights a
// loss also takes CUBIC's three tenths off the window, at worst from 10 to 7,
// with which what is left takes up to six round trips more.
func TestLossOfOneSegment(t *testing.T) {
	for number := range lossyPackets {
		took := oneLoss(t, number)
		behind := lossySegments - number
		var want time.Duration
		switch {
		case number == 0:
			want = untouched + time.Second
		case number <= 30:
			if took < untouched+25*ms || took > untouched+600*ms {
				t.Errorf("without segment %d: %v, want a quarter to six round trips more than %v", number, took, untouched)
			}
			continue
		case behind >= 3:
			want = untouched + 100*ms
		case behind >= 1:
			want = untouched + 100*ms + 25*ms + ms
		default:
			want = untouched + 40*ms + 100*ms + 200*ms + 105*ms
		}
		if took != want {
			t.Errorf("without segment %d, with %d behind it: %v, want %v", number, behind, took, want)
		}
	}
}

// TestLossOverSeeds holds the times of many seeds to what the rules predict. Who
// loses none of 67 packets takes 400 ms and nobody else does, so the share of
// these is the chance of that. Who loses one takes one of the times
// that the loss of one takes, each as often as there are packets whose loss takes
// so long. And each quantile is later, the more is lost.
func TestLossOverSeeds(t *testing.T) {
	seeds := 400
	if testing.Short() {
		seeds = 60
	}
	byOne := map[time.Duration]int{untouched: harmless} // packets, by what their loss takes
	for number := range lossyPackets {
		byOne[oneLoss(t, number)]++
	}
	// within fails unless n of all is a share of p, within 4 standard errors.
	within := func(what string, n, all int, p float64) {
		t.Helper()
		if off := float64(n) - p*float64(all); math.Abs(off) > 4*math.Sqrt(p*(1-p)*float64(all)) {
			t.Errorf("%s: %d of %d, want a share of %.3f", what, n, all, p)
		}
	}
	quantiles := [5][11]time.Duration{}
	for i, loss := range []float64{0, .005, .01, .02, .05} {
		var times []time.Duration
		none, one := 0, map[time.Duration]int{}
		ones := 0
		for seed := range seeds {
			took, lost := transfer(t, uint64(seed), lossySize, func(_ *network.Network, client *network.Host) {
				client.Up.Set(network.LinkConfig{Delay: 50 * ms})
				client.Down.Set(network.LinkConfig{Delay: 50 * ms, Loss: loss})
			})
			times = append(times, took)
			if took == untouched {
				none++
			}
			if lost == 0 && took != untouched || lost > harmless && took == untouched {
				t.Errorf("loss %g, seed %d: %d packets lost, and it took %v", loss, seed, lost, took)
			}
			if lost == 1 {
				ones++
				one[took]++
				if byOne[took] == 0 {
					t.Errorf("loss %g, seed %d: one packet lost takes %v, which none of %v does", loss, seed, took, slices.Sorted(maps.Keys(byOne)))
				}
			}
		}
		within("untouched", none, seeds, math.Pow(1-loss, lossyPackets))
		for took, packets := range byOne {
			within("one packet lost, "+took.String(), one[took], ones, float64(packets)/(lossyPackets+harmless))
		}
		slices.Sort(times)
		for k := range quantiles[i] {
			quantiles[i][k] = times[k*(seeds-1)/10]
			if i > 0 && quantiles[i][k] < quantiles[i-1][k] {
				t.Errorf("loss %g: the quantile %d/10 is %v, with less loss %v", loss, k, quantiles[i][k], quantiles[i-1][k])
			}
		}
		t.Logf("loss %4.1f %%: %d untouched, quantiles %v", 100*loss, none, quantiles[i])
	}
}
