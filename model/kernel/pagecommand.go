//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// pageCommand measures one row and can record what happened on the wire.
func pageCommand() *cobra.Command {
	var p Page
	var l Link
	var mbps float64
	var repeat int
	var trace, events string
	var showFlights bool
	c := &cobra.Command{
		Use:   "page",
		Short: "Load one page, as often as wanted",
		Args:  cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			l.UpBps, l.DownBps = int64(mbps*1e6), int64(mbps*1e6)
			return errors.Join(p.validate(), l.validate())
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			for i := range repeat {
				l.Seed = uint64(i)
				var log *eventLog
				if events != "" {
					var err error
					if log, err = recordEvents(); err != nil {
						return err
					}
				}
				run, err := measure(cmd.Context(), p, l)
				if log != nil {
					// Always, so that no tracing is left behind.
					text, e := log.stop(run)
					if err = errors.Join(err, e); err == nil {
						err = os.WriteFile(numbered(events, i, repeat), []byte(text), 0o644)
					}
				}
				if err != nil {
					return err
				}
				dropped, lost := countFates(run.Trace)
				fmt.Printf("%8.1f ms  %d connections, %d packets, %d dropped, %d lost; late by %v, at most %v\n", millis(run.Time),
					run.Connections, len(run.Trace), dropped, lost, run.LateMedian, run.LateMost)
				if showFlights {
					fmt.Print(formatFlights(run.Trace, run.Zero))
				}
				if trace != "" {
					if err := os.WriteFile(numbered(trace, i, repeat), []byte(formatTrace(run.Trace, run.Zero)), 0o644); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&p.Protocol, "protocol", "http2", strings.Join(protocols, ", "))
	f.IntVar(&p.Objects, "objects", 100, "how many objects")
	f.IntVar(&p.ObjectBytes, "bytes", 20_000, "size of each object")
	f.BoolVar(&p.TLS, "tls", false, "TLS 1.3 with an Ed25519 certificate")
	f.DurationVar(&l.OneWay, "delay", 50*time.Millisecond, "one-way delay")
	f.Float64Var(&mbps, "mbps", 0, "rate of each direction; 0 is unlimited")
	f.IntVar(&l.QueueBytes, "queue", 150_000, "bytes that each direction's drop-tail queue holds")
	f.Float64Var(&l.Loss, "loss", 0, "probability of random loss, each direction")
	f.IntVar(&repeat, "repeat", 5, "how often")
	f.BoolVar(&showFlights, "flights", false, "show what each connection's server sent, round trip by round trip")
	f.StringVar(&trace, "trace", "", "write a packet trace to this file")
	f.StringVar(&events, "events", "", "write the kernel's TCP trace events (cwnd, ssthresh, buffers) to this file")
	return c
}

// numbered adds the run's number to a file's name when there are several runs.
func numbered(name string, i, of int) string {
	if of == 1 {
		return name
	}
	return fmt.Sprintf("%s.%d", name, i)
}

// countFates counts the packets that the full queue refused and that were lost
// at random.
func countFates(packets []Packet) (dropped, lost int) {
	for _, p := range packets {
		switch p.Fate {
		case Dropped:
			dropped++
		case Lost:
			lost++
		}
	}
	return dropped, lost
}
