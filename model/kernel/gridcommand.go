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

// attempts is how often a run is made again that something else on the machine
// disturbed.
const attempts = 4

// disturbed reports whether packets were later than the link's own work
// explains: 5 ms and, where no rate keeps packets apart, the time it takes to
// hand over the hundreds or thousands that are due at one instant.
func disturbed(run Run, l Link) bool {
	allowed := 5 * time.Millisecond
	if l.DownBps == 0 {
		allowed += time.Duration(len(run.Trace)) * 3 * time.Microsecond
	}
	return run.LateMost > allowed
}

// gridCommand measures every row and stores each as soon as it is there.
func gridCommand() *cobra.Command {
	var file, only string
	var again, list bool
	var runs int
	var pattern *regexp.Regexp
	c := &cobra.Command{
		Use:   "grid",
		Short: "Measure every row of page-times.json (about an hour)",
		Long: `Measure every row of page-times.json (about an hour).

Each row is stored as soon as it is measured. Rows that the file has already
are left as they are, so that an interrupted grid can be continued, unless
--again is given.`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) (err error) {
			if pattern, err = regexp.Compile(only); err != nil {
				return fmt.Errorf("--only: %w", err)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			results, err := readPageTimes(file)
			if err != nil {
				return err
			}
			var todo []gridRow
			for _, r := range gridRows() {
				if runs > 0 {
					r.runs = runs
				}
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
	c.Flags().IntVar(&runs, "runs", 0, "page loads per row instead of the grid's own number")
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
		run, err := measureUndisturbed(ctx, row.page(), l)
		if err != nil {
			return row, err
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

// measureUndisturbed measures until the machine was quiet enough, a few times at
// most, and returns the run with the least disturbance.
func measureUndisturbed(ctx context.Context, p Page, l Link) (best Run, err error) {
	for i := range attempts {
		run, err := measure(ctx, p, l)
		if err != nil {
			return run, err
		}
		if i == 0 || run.LateMost < best.LateMost {
			best = run
		}
		if !disturbed(run, l) {
			break
		}
	}
	return best, nil
}

func kernelVersion() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(text))
}
