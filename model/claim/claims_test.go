package claim_test

import (
	"context"
	"fmt"
	"testing"

	"protosim/model/claim"
	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// contradicted are the claims that the evidence is known to be against.
var contradicted = map[int]bool{19: true}

// TestClaims examines every claim, and again with its mechanism switched off:
// then what held must not.
func TestClaims(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates all claims")
	}
	for _, c := range scenarios.Claims() {
		t.Run(fmt.Sprint(c.Number), func(t *testing.T) {
			t.Parallel()
			x := &claim.Examiner{Quick: true, Seeds: 1, Simulate: func(ctx context.Context, s *scenarios.Scenario, strategies []scenarios.Strategy, seeds int) (*result.Result, error) {
				return world.Simulate(ctx, s, world.Options{Strategies: strategies, Seeds: seeds, Parallel: 1})
			}}
			e, err := x.Examine(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			want := claim.Holds
			if contradicted[c.Number] {
				want = claim.DoesNotHold
			}
			if e.Verdict() != want {
				t.Errorf("%q %s, want that it %s: %s", c.Claim, e.Summary(), want, figures(e))
			}
			if c.Off == nil {
				if want == claim.Holds {
					t.Error("nothing switches it off")
				}
				return
			}
			off, err := x.Off(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if off.Verdict() != claim.DoesNotHold {
				t.Errorf("with %s %q still %s: %s", c.Off.What, c.Claim, off.Summary(), figures(off))
			}
		})
	}
}

func figures(e *claim.Evidence) (text string) {
	for _, f := range e.Figures {
		text += fmt.Sprintf("\n    %s: %s", f.Label, f.Text())
	}
	return text
}

// TestClaimsAreComplete checks what does not need a simulation.
func TestClaimsAreComplete(t *testing.T) {
	for i, c := range scenarios.Claims() {
		if i > 0 && c.Number <= scenarios.Claims()[i-1].Number {
			t.Errorf("claim %d comes after %d", c.Number, scenarios.Claims()[i-1].Number)
		}
		if c.Claim == "" || c.Because == "" || c.Overturned == "" || len(c.Figures) == 0 || len(c.Runs) == 0 || c.Runs[0].Name != "" {
			t.Errorf("claim %d lacks something", c.Number)
		}
		for _, run := range c.Runs {
			for _, set := range [][]string{run.Set, append(run.Set[:len(run.Set):len(run.Set)], run.Quick...)} {
				if _, err := scenarios.Load(run.Scenario, set); err != nil {
					t.Errorf("claim %d: %v", c.Number, err)
				}
			}
		}
	}
}
