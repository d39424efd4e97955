package main

// gridRow is a row to be measured.
type gridRow struct {
	Row
	runs int
}

// rate is one kind of link of the grid, the same in both directions.
type rate struct {
	bps   int64
	queue int
}

var (
	unlimited = rate{}
	mbps5     = rate{5e6, 150_000}
	mbps10    = rate{10e6, 150_000}
	mbps50    = rate{50e6, 150_000}
	// shallow overflows before slow start has found the rate.
	shallow = rate{20e6, 40_000}
)

// gridRows lists what page-times.json holds. Where all combinations would take
// hours, it keeps those in which another mechanism decides: round trips (small
// objects), windows (unlimited), the rate, the queue, losses.
func gridRows() (rows []gridRow) {
	all := []string{"http1", "http2", "websocket"}
	add := func(row Row, runs int) { rows = append(rows, gridRow{row, runs}) }
	pages := func(protocols []string, objects int, sizes []int, delays []float64, r rate) {
		for _, size := range sizes {
			for _, delay := range delays {
				for _, p := range protocols {
					runs := 5
					switch {
					case r == unlimited && p != "http1" && size >= 5_000:
						runs = 9 // receive buffers grow by chance: several modes
					case r == shallow, r == mbps50 && size == 100_000:
						runs = 11 // what the full queue drops is chance too
					}
					add(Row{Protocol: p, Objects: objects, ObjectBytes: size, OneWayMS: delay,
						UpBps: r.bps, DownBps: r.bps, QueueBytes: r.queue}, runs)
				}
			}
		}
	}
	type ints = []int
	type floats = []float64

	pages(all, 100, ints{1_000, 5_000, 20_000, 100_000}, floats{10, 25, 50, 100}, unlimited)
	pages(all, 100, ints{5_000, 20_000}, floats{10, 25, 50, 100}, mbps10)
	pages(all, 100, ints{1_000, 100_000}, floats{50}, mbps10)
	pages(all, 100, ints{20_000}, floats{25, 100}, mbps5)
	pages(all, 100, ints{5_000}, floats{50}, mbps5)
	pages(all, 100, ints{20_000}, floats{10, 25, 50, 100}, mbps50)
	pages(all, 100, ints{100_000}, floats{25, 100}, mbps50)
	pages(all, 100, ints{5_000}, floats{50}, mbps50)
	pages(all, 100, ints{20_000}, floats{10, 25, 50, 100}, shallow)
	pages(all, 100, ints{5_000, 100_000}, floats{50}, shallow)

	pages(all, 20, ints{20_000, 100_000}, floats{50}, unlimited)
	pages(all, 20, ints{20_000, 100_000}, floats{50}, mbps10)

	// One long download, the plainest test of congestion control.
	for _, r := range []rate{unlimited, mbps5, mbps10, mbps50, shallow} {
		pages([]string{"http1"}, 1, ints{1_000_000, 5_000_000}, floats{50}, r)
	}

	closing := []string{"http1-close"}
	pages(closing, 100, ints{1_000, 20_000}, floats{10, 50}, unlimited)
	pages(closing, 100, ints{20_000}, floats{50}, mbps10)

	secure := len(rows)
	pages(all, 100, ints{20_000}, floats{25, 50}, unlimited)
	pages(all, 100, ints{1_000}, floats{50}, unlimited)
	pages(all, 100, ints{20_000}, floats{50}, mbps10)
	for i := range rows[secure:] {
		rows[secure+i].TLS = true
	}

	// Loss is random: only a distribution can be compared.
	lossy := func(r rate, losses ...float64) {
		for _, loss := range losses {
			for _, p := range all {
				add(Row{Protocol: p, Objects: 100, ObjectBytes: 20_000, OneWayMS: 25,
					UpBps: r.bps, DownBps: r.bps, QueueBytes: r.queue, Loss: loss}, 30)
			}
		}
	}
	lossy(unlimited, .005, .01, .02)
	lossy(mbps10, .01)
	return rows
}
