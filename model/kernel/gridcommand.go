//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// disturbed is how late a packet may be on a link of limited rate before the
// run is repeated: something else used the processors. An unlimited link
// carries bursts of hundreds of packets at one instant, so there lateness is
// ordinary work and only recorded.
const (
	disturbed = 5 * time.Millisecond
	attempts  = 4
)

// gridCommand measures every row and stores each as soon as it is there.
func gridCommand() *cobra.Command {
	var file, only string
	var again, list bool
	c := &cobra.Command{
		Use:   "grid",
		Short: "Measure every row of page-times.json (about 35 minutes)",
		Long: `Measure every row of page-times.json (about 35 minutes).

Each row is stored as soon as it is measured. Rows that the file has already
are left as they are, so that an interrupted grid can be continued, unless
--again is given.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pattern, err := regexp.Compile(only)
			if err != nil {
				return fmt.Errorf("--only: %w", err)
			}
			results, err := readPageTimes(file)
			if err != nil {
				return err
			}
			var todo []gridRow
			for _, r := range gridRows() {
				if pattern.MatchString(r.String()) && (again || results.find(r.Row) < 0) {
					todo = append(todo, r)
				}
			}
			if list {
				for _, r := range todo {
					fmt.Printf("%3d times  %v\n", r.runs, r)
				}
				return nil
			}
			return measureGrid(cmd.Context(), todo, results, file)
		},
	}
	c.Flags().StringVar(&file, "out", "model/kernel/testdata/page-times.json", "where results are stored")
	c.Flags().StringVar(&only, "only", "", "only rows whose name matches this regular expression")
	c.Flags().BoolVar(&again, "again", false, "measure rows that the file has already")
	c.Flags().BoolVar(&list, "list", false, "list what would be measured")
	return c
}

func measureGrid(ctx context.Context, todo []gridRow, results PageTimes, file string) error {
	results.About, results.Go, results.Kernel = about, runtime.Version(), kernelVersion()
	results.Settings = readSettings()
	extra, err := ping(ctx, Link{OneWay: 10 * time.Millisecond}, 200)
	if err != nil {
		return err
	}
	results.LinkOverheadUS, results.LinkOverheadP90US = quantile(extra, .5), quantile(extra, .9)

	for i, r := range todo {
		row, err := measureRow(ctx, r)
		if err != nil {
			return fmt.Errorf("%v: %w", r, err)
		}
		results.put(row)
		results.Date = time.Now().UTC().Format(time.DateOnly)
		if err := results.write(file); err != nil {
			return err
		}
		fmt.Printf("%3d/%d  %8.1f ms (%.1f to %.1f, %.0f dropped, late %.1f)  %v\n", i+1, len(todo),
			row.MedianMS, row.MinMS, row.MaxMS, row.Dropped, row.LateMS, row)
	}
	return nil
}

func measureRow(ctx context.Context, g gridRow) (Row, error) {
	row := g.Row
	var dropped, lost, connections []float64
	for i := range g.runs {
		l := row.link()
		l.Seed = uint64(i + 1)
		var run Run
		for range attempts {
			var err error
			if run, err = measure(ctx, row.page(), l); err != nil {
				return row, err
			}
			if l.DownBps == 0 || run.LateMost <= disturbed {
				break
			}
		}
		row.RunsMS = append(row.RunsMS, round(millis(run.Time), 100))
		row.LateMS = max(row.LateMS, round(millis(run.LateMost), 100))
		d, o := countFates(run.Trace)
		dropped, lost = append(dropped, float64(d)), append(lost, float64(o))
		connections = append(connections, float64(run.Connections))
	}
	row.summarize()
	row.Dropped, row.Lost, row.Connections = quantile(dropped, .5), quantile(lost, .5), quantile(connections, .5)
	return row, nil
}

func kernelVersion() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(text))
}
