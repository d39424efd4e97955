package result

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"protosim/scenarios"
)

// Summarize turns the outcomes of several seeds into one run per strategy, in
// the order in which the strategies first appear.
//
// A metric becomes its mean, with the half-width of the mean's 95 % confidence
// interval by Student's t. Where some replicates lack a metric (nothing was
// measured there), both are taken over those that have it; with fewer than two
// of them there is no interval. Series are averaged point by point, distributions
// quantile by quantile; waterfall and faults are those of the first. The digest
// covers the replicates' seeds and digests. A single replicate is its own
// summary.
func Summarize(replicates []Replicate) []Run {
	if len(replicates) == 1 {
		return replicates[0].Runs
	}
	var order []scenarios.Strategy
	runs := map[scenarios.Strategy][]Run{}
	digests := map[scenarios.Strategy]string{}
	for _, replicate := range replicates {
		for _, run := range replicate.Runs {
			if _, ok := runs[run.Strategy]; !ok {
				order = append(order, run.Strategy)
			}
			runs[run.Strategy] = append(runs[run.Strategy], run)
			digests[run.Strategy] += fmt.Sprintf("%d %s\n", replicate.Seed, run.Digest)
		}
	}
	var summary []Run
	for _, strategy := range order {
		run := Run{Strategy: strategy, Series: meanSeries(runs[strategy]), Distributions: meanDistributions(runs[strategy])}
		run.Waterfall, run.Faults = runs[strategy][0].Waterfall, runs[strategy][0].Faults
		run.Sources, run.Lost = runs[strategy][0].Sources, meanLost(runs[strategy])
		run.Metrics, run.CI95 = meanMetrics(runs[strategy])
		sum := sha256.Sum256([]byte(digests[strategy]))
		run.Digest = hex.EncodeToString(sum[:])
		summary = append(summary, run)
	}
	return summary
}

// meanLost is how many sessions were lost on average, for each reason.
func meanLost(runs []Run) map[string]float64 {
	sums := map[string]float64{}
	for _, run := range runs {
		for reason, n := range run.Lost {
			sums[reason] += n
		}
	}
	for reason := range sums {
		sums[reason] /= float64(len(runs))
	}
	return sums
}

// meanMetrics are the means of the runs' metrics and the half-widths of their
// 95 % confidence intervals.
func meanMetrics(runs []Run) (means, ci95 Metrics) {
	samples := map[string][]float64{}
	for _, run := range runs {
		for name, v := range run.Metrics {
			samples[name] = append(samples[name], v)
		}
	}
	means, ci95 = Metrics{}, Metrics{}
	for name, sample := range samples {
		mean, half := Confidence95(sample)
		means[name] = mean
		if len(sample) > 1 {
			ci95[name] = half
		}
	}
	return means, ci95
}

// Confidence95 is the mean of a sample and the half-width of its 95 %
// confidence interval.
//
// The sums are written out, with products rounded before they are added,
// because results must be the same bits on every platform: library sums use
// vector instructions on some, and compilers fuse multiply and add on others.
func Confidence95(sample []float64) (mean, half float64) {
	n := float64(len(sample))
	for _, v := range sample {
		mean += v
	}
	mean /= n
	if len(sample) < 2 {
		return mean, 0
	}
	var squares float64
	for _, v := range sample {
		squares += float64((v - mean) * (v - mean))
	}
	return mean, studentT(len(sample)-1) * math.Sqrt(squares/(n-1)/n)
}

// studentT is the 97.5 % quantile of Student's t distribution with the given
// degrees of freedom, to six decimals: beyond those, platforms may differ.
func studentT(freedom int) float64 {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(freedom)}.Quantile(0.975)
	return math.Round(t*1e6) / 1e6
}
