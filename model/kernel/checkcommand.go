//go:build linux

package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// published are the figures on which the model is gated (FIGURES.md 15), with
// the range in which they were seen.
var published = []struct {
	row               Row
	median, low, high float64
}{
	{figure("http1", 1_000, unlimited), 1817.7, 1816.2, 1832.6},
	{figure("http2", 1_000, unlimited), 507.3, 507.1, 508.8},
	{figure("websocket", 1_000, unlimited), 605.7, 604.7, 606.1},
	{figure("http1", 20_000, unlimited), 1929.5, 1926.4, 1934.4},
	{figure("http2", 20_000, unlimited), 920.6, 911.3, 1015.8},
	{figure("websocket", 20_000, unlimited), 1115.3, 1009.6, 1216.3},
	{figure("http1", 20_000, mbps10), 2283.5, 2257.4, 2287.9},
	{figure("http2", 20_000, mbps10), 2088.6, 2087.6, 2091.0},
	{figure("websocket", 20_000, mbps10), 2178.9, 2177.9, 2181.1},
}

func figure(protocol string, size int, r rate) Row {
	return Row{Protocol: protocol, Objects: 100, ObjectBytes: size, OneWayMS: 50,
		UpBps: r.bps, DownBps: r.bps, QueueBytes: r.queue}
}

// checkCommand measures the published figures again. A median outside their
// range by more than 3 % fails: then this machine, or this kernel, is another.
func checkCommand() *cobra.Command {
	var runs int
	c := &cobra.Command{
		Use:   "check",
		Short: "Measure the nine figures that the model is gated on",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			far := 0
			for _, p := range published {
				row, err := measureRow(cmd.Context(), gridRow{p.row, runs})
				if err != nil {
					return err
				}
				verdict := "agrees"
				if row.MedianMS < p.low*.97 || row.MedianMS > p.high*1.03 {
					verdict = "DIFFERS"
					far++
				}
				fmt.Printf("%-7s %8.1f ms (%.1f to %.1f), published %.1f (%.1f to %.1f): %v\n",
					verdict, row.MedianMS, row.MinMS, row.MaxMS, p.median, p.low, p.high, row)
			}
			if far > 0 {
				return fmt.Errorf("%d of %d figures differ by more than 3 %%", far, len(published))
			}
			return nil
		},
	}
	c.Flags().IntVar(&runs, "runs", 9, "page loads per figure")
	return c
}
