package result

// PairedDifference is the mean of a[i] - b[i] and the half-width of its 95 %
// confidence interval. Where a and b are the same seeds under two settings, it
// tells them apart by far fewer seeds than the intervals of each by itself: what
// a seed does to both falls out. The half-width of fewer than two pairs is 0.
func PairedDifference(a, b []float64) (mean, half float64) {
	differences := make([]float64, min(len(a), len(b)))
	for i := range differences {
		differences[i] = a[i] - b[i]
	}
	if len(differences) == 0 {
		return 0, 0
	}
	return Confidence95(differences)
}
