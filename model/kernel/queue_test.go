package main

import (
	"testing"
	"time"
)

const ms = time.Millisecond

func TestAnUnlimitedLinkOnlyDelays(t *testing.T) {
	q := Link{OneWay: 50 * ms}.down()
	for range 1000 {
		if fate, at := q.Offer(7*ms, 1500); fate != Delivered || at != 57*ms {
			t.Fatalf("got %v at %v, want delivery at 57ms", fate, at)
		}
	}
}

func TestPacketsLeaveOneAfterTheOther(t *testing.T) {
	q := Link{OneWay: 50 * ms, DownBps: 10e6, QueueBytes: 150_000}.down()
	// 1500 bytes at 10 Mbps take 1.2 ms.
	for i := range 5 {
		_, at := q.Offer(0, 1500)
		if want := 50*ms + time.Duration(i+1)*1200*time.Microsecond; at != want {
			t.Errorf("packet %d arrives at %v, want %v", i, at, want)
		}
	}
	// Once idle, the transmitter starts afresh.
	if _, at := q.Offer(100*ms, 1500); at != 151200*time.Microsecond {
		t.Errorf("packet after a pause arrives at %v, want 151.2ms", at)
	}
}

func TestAFullQueueDropsTheNewest(t *testing.T) {
	q := Link{DownBps: 10e6, QueueBytes: 150_000}.down()
	delivered := 0
	for range 200 {
		if fate, _ := q.Offer(0, 1500); fate == Delivered {
			delivered++
		}
	}
	if delivered != 100 {
		t.Errorf("%d packets of 1500 bytes fitted into 150,000 bytes, want 100", delivered)
	}
	// A full packet fits again only when all of one has left.
	if fate, _ := q.Offer(1199*time.Microsecond, 1500); fate != Dropped {
		t.Errorf("before a packet has left: %v, want %v", fate, Dropped)
	}
	if fate, _ := q.Offer(1200*time.Microsecond, 1500); fate != Delivered {
		t.Errorf("after a packet has left: %v, want %v", fate, Delivered)
	}
	if got := q.Backlog(1200 * time.Microsecond); got != 150_000 {
		t.Errorf("backlog %d, want 150,000", got)
	}
}

func TestASmallPacketFitsWhereALargeOneDoesNot(t *testing.T) {
	q := Link{DownBps: 10e6, QueueBytes: 3100}.down()
	q.Offer(0, 1500)
	q.Offer(0, 1500)
	if fate, _ := q.Offer(0, 1500); fate != Dropped {
		t.Errorf("large packet: %v, want %v", fate, Dropped)
	}
	if fate, _ := q.Offer(0, 40); fate != Delivered {
		t.Errorf("small packet: %v, want %v", fate, Delivered)
	}
}

func TestLossIsIndependentAndRepeatable(t *testing.T) {
	fates := func(seed uint64) (all []Fate, lost int) {
		q := Link{Loss: .02, Seed: seed}.down()
		for range 100_000 {
			fate, _ := q.Offer(0, 1500)
			if fate == Lost {
				lost++
			}
			all = append(all, fate)
		}
		return all, lost
	}
	a, lost := fates(1)
	if lost < 1850 || lost > 2150 {
		t.Errorf("%d of 100,000 packets lost, want about 2,000", lost)
	}
	b, _ := fates(1)
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("packet %d had another fate the second time", i)
		}
	}
	if c, _ := fates(2); equal(a, c) {
		t.Error("another seed gave the same losses")
	}
}

func TestTheDirectionsLoseIndependently(t *testing.T) {
	l := Link{Loss: .5}
	up, down := l.up(), l.down()
	same := 0
	for range 1000 {
		a, _ := up.Offer(0, 1500)
		b, _ := down.Offer(0, 1500)
		if a == b {
			same++
		}
	}
	if same < 400 || same > 600 {
		t.Errorf("the directions agreed on %d of 1000 packets, want about 500", same)
	}
}

func equal(a, b []Fate) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
