package scenarios

import "time"

// Duration is a span of virtual time, written with a unit: "50ms", "1m30s".
type Duration time.Duration

// Size is a number of bytes, written with an optional decimal (kB, MB, GB) or
// binary (KiB, MiB, GiB) unit: "20kB", "64MiB", 871.
type Size int64

// Bandwidth is bits per second, written with a unit: "20Mbps", "unlimited".
// Zero is unlimited.
type Bandwidth int64

// Ratio is a number from 0 to 1, also written in per cent: "1%", 0.01.
type Ratio float64

// Shape names a family of distributions.
type Shape string

// The shapes that a distribution may have.
const (
	Constant    Shape = "constant"    // always Mean
	Uniform     Shape = "uniform"     // evenly between Min and Max
	Exponential Shape = "exponential" // memoryless with mean Mean
	Lognormal   Shape = "lognormal"   // half below Median, 1 % above P99
	Pareto      Shape = "pareto"      // at least Min, tail index Alpha
	Listed      Shape = "list"        // one of Values, each as likely
)

// Dist is a distribution of non-negative quantities. It is written as a bare
// quantity (constant) or as a mapping of its shape:
//
//	5ms
//	{uniform: {min: 1ms, max: 9ms}}
//	{exponential: {mean: 5ms}}
//	{lognormal: {median: 5ms, p99: 40ms}}
//	{pareto: {min: 2kB, alpha: 1.3, max: 2MB}}
//	{list: [12kB, 40kB, 7kB]}
//
// For a list of sizes on a resource with a count, object i takes value i
// (cyclically) instead of drawing one.
type Dist[T Duration | Size] struct {
	Shape    Shape
	Mean     T
	Min, Max T
	Median   T
	P99      T
	Alpha    float64
	Values   []T
}

// DurationDist is a distribution of durations.
type DurationDist = Dist[Duration]

// SizeDist is a distribution of sizes.
type SizeDist = Dist[Size]
