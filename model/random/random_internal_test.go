package random

import (
	"math"
	"math/rand/v2"
	"testing"
)

// ln and exp are as good as those of package math, to a few units in the last place.
func TestLnAndExp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200_000 {
		x := math.Ldexp(r.Float64()+0.5, r.IntN(200)-100)
		if got, want := ln(x), math.Log(x); math.Abs(got-want) > 4e-16*max(math.Abs(want), 0.5) {
			t.Fatalf("ln(%g) = %.17g, want %.17g", x, got, want)
		}
		y := 80 * (2*r.Float64() - 1)
		if got, want := exp(y), math.Exp(y); math.Abs(got-want) > 1e-15*want {
			t.Fatalf("exp(%g) = %.17g, want %.17g", y, got, want)
		}
	}
	if exp(0) != 1 || ln(1) != 0 || exp(1000) < 1<<62 || exp(-1000) != 0 {
		t.Errorf("exp(0) = %g, ln(1) = %g, exp(1000) = %g, exp(-1000) = %g", exp(0), ln(1), exp(1000), exp(-1000))
	}
}
