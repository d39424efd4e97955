package result_test

import (
	"math"
	"testing"

	"protosim/model/result"
)

func TestPairedDifference(t *testing.T) {
	// What the seeds do to both is no noise of the difference.
	if mean, half := result.PairedDifference([]float64{12, 102, 1002}, []float64{10, 100, 1000}); mean != 2 || half != 0 {
		t.Errorf("%v ± %v, want 2 ± 0", mean, half)
	}
	// Differences 1, 2 and 3: the standard error is 1/√3, and t with two
	// degrees of freedom is 4.302653.
	mean, half := result.PairedDifference([]float64{1, 2, 3}, []float64{0, 0, 0})
	if want := 4.302653 / math.Sqrt(3); mean != 2 || math.Abs(half-want) > 1e-9 {
		t.Errorf("%v ± %v, want 2 ± %v", mean, half, want)
	}
	if mean, half := result.PairedDifference([]float64{3}, []float64{1}); mean != 2 || half != 0 {
		t.Errorf("%v ± %v of one seed", mean, half)
	}
}
