package server_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat"

	"protosim/model/random"
	"protosim/model/server"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// TestWaitingTimes holds the station against the closed form of the M/M/c queue
// (FIGURES 5): the mean time in the system, in service times.
func TestWaitingTimes(t *testing.T) {
	const service = 10 * time.Millisecond
	for _, c := range []struct {
		servers int
		load    float64
		want    float64
	}{
		{1, .5, 2}, {1, .8, 5}, {1, .9, 10},
		{2, .8, 2.77778}, {4, .8, 1.74554}, {8, .8, 1.28603},
	} {
		t.Run(fmt.Sprintf("c=%d load=%v", c.servers, c.load), func(t *testing.T) {
			t.Parallel()
			var means []float64
			for seed := range uint64(10) {
				means = append(means, meanTimeInSystem(t, seed, c.servers, c.load, service))
			}
			mean, deviation := stat.MeanStdDev(means, nil)
			if half := 3.25 * deviation / math.Sqrt(float64(len(means))); math.Abs(mean-c.want) > half { // 99 % of Student's t, 9 degrees
				t.Errorf("mean time in system %.3f ± %.3f service times, want %.5f", mean, half, c.want)
			}
		})
	}
}

// meanTimeInSystem serves arrivals at random with exponential service times.
func meanTimeInSystem(t *testing.T, seed uint64, servers int, load float64, service time.Duration) float64 {
	const warmUp, counted = 2000, 12000
	var total time.Duration
	err := vtime.Run(t.Context(), func(c *vtime.Clock) error {
		station := server.NewStation(c, servers, 1<<30)
		ctx := context.Background()
		arrivals, works := random.New(seed, "arrivals"), random.New(seed, "works")
		between := exponential(time.Duration(float64(service) / load / float64(servers)))
		working := exponential(service)
		var all sync.WaitGroup
		for i := range warmUp + counted {
			c.Sleep(ctx, vtime.Key{}, time.Duration(random.Draw(between, arrivals)))
			work := time.Duration(random.Draw(working, works))
			key := vtime.Key{A: 1, B: uint64(i)}
			all.Add(1)
			c.Go(key, func() {
				defer all.Done()
				began := c.Now()
				station.Enter(ctx)
				c.Sleep(ctx, key, work)
				station.Leave()
				if i >= warmUp {
					total += c.Now() - began
				}
			})
		}
		all.Wait()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return float64(total) / counted / float64(service)
}

func exponential(mean time.Duration) scenarios.DurationDist {
	return scenarios.DurationDist{Shape: scenarios.Exponential, Mean: scenarios.Duration(mean)}
}

// A full queue turns requests away, and one that gives up makes room.
func TestQueueIsBounded(t *testing.T) {
	err := vtime.Run(t.Context(), func(c *vtime.Clock) error {
		station := server.NewStation(c, 1, 1)
		ctx := context.Background()
		if err := station.Enter(ctx); err != nil {
			return err
		}
		impatient, cancel := c.WithTimeout(ctx, vtime.Key{A: 1}, time.Second)
		defer cancel()
		waited := make(chan error, 1)
		c.Go(vtime.Key{A: 2}, func() { waited <- station.Enter(impatient) })
		c.Sleep(ctx, vtime.Key{}, time.Millisecond)
		if err := station.Enter(ctx); err == nil {
			t.Error("a request found room in a full queue")
		}
		if err := <-waited; err != context.DeadlineExceeded {
			t.Errorf("who gave up got %v", err)
		}
		if s := station.Stats(); s.Rejected != 1 || s.BusyPeak != 1 {
			t.Errorf("stats: %d rejected, %d busy", s.Rejected, s.BusyPeak)
		}
		station.Leave()
		return station.Enter(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}
