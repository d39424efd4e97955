// Package claim finds out whether claims about HTTP and sockets are true: it
// runs the scenarios behind each, computes its figures with their confidence
// intervals, switches its mechanism off to see that it was the mechanism, and
// searches for the value of a parameter at which it stops being true.
package claim

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"protosim/model/result"
	"protosim/scenarios"
)

// Examiner examines claims, one at a time. Runs that several claims share are
// done once.
type Examiner struct {
	// Simulate runs a scenario under some strategies and so many seeds.
	Simulate func(ctx context.Context, s *scenarios.Scenario, strategies []scenarios.Strategy, seeds int) (*result.Result, error)
	Seeds    int  // replicates of each run, at least 1
	Quick    bool // with the changes that claims make for a quick run
	// Between returns the value that lies the share (0 to 1) of the way between
	// two values of a scenario's field, as a scenario file writes it.
	Between func(from, to string, share float64) (string, error)
	// Doing, when set, is told what is simulated next.
	Doing func(what string)

	done map[string]*result.Result
}

// Evidence is what the runs of a claim have shown.
type Evidence struct {
	Claim   scenarios.Claim
	Results []*result.Result // of the claim's runs
	Figures []Figure
	Held    int // of how many seeds the claim held under
	Seeds   int
	Within  []string // limits that were seen, or that no run can tell
	Limits  []*Limit // none if not searched
}

// Figure is a number that the runs show: its mean over the seeds, with the
// half-width of the 95 % confidence interval if there are several.
type Figure struct {
	scenarios.ClaimFigure
	Mean, CI95 float64
}

// Verdict is what became of a claim.
type Verdict string

// The verdicts.
const (
	Holds       Verdict = "holds"
	HoldsWithin Verdict = "holds within limits"
	Undecided   Verdict = "undecided"
	DoesNotHold Verdict = "does not hold"
)

// Verdict says what became of the claim. Where a limit of it was found, it holds
// within it.
func (e *Evidence) Verdict() Verdict {
	switch {
	case e.Held == 0:
		return DoesNotHold
	case e.Held < e.Seeds:
		return Undecided
	case len(e.Within) > 0 || slices.ContainsFunc(e.Limits, (*Limit).found):
		return HoldsWithin
	}
	return Holds
}

// Summary is the verdict with the claim's limits, as a sentence that begins with
// the claim.
func (e *Evidence) Summary() string {
	switch v := e.Verdict(); v {
	case Undecided:
		return fmt.Sprintf("is undecided: it held under %d of %d seeds", e.Held, e.Seeds)
	case Holds, HoldsWithin:
		parts := slices.Clone(e.Within)
		for _, l := range e.Limits {
			parts = append(parts, l.String())
		}
		if parts != nil {
			return string(v) + ": " + strings.Join(parts, "; ")
		}
		return string(v)
	default:
		return string(v)
	}
}

// Varying returns the indices of the figures of a limit's run that are in one
// unit: the first unit of which one changes by a tenth over the limit's range.
func (e *Evidence) Varying(l *Limit) []int {
	var units []string
	of := map[string][]int{}
	changes := map[string]bool{}
	points := l.Sorted()
	for i, f := range e.Claim.Figures {
		if len(strategiesIn(l.Run, []string{f.Of})) == 0 {
			continue
		}
		if of[f.Unit] == nil {
			units = append(units, f.Unit)
		}
		of[f.Unit] = append(of[f.Unit], i)
		if n := len(points); n > 0 {
			a, b := points[0].Figures[i].Mean, points[n-1].Figures[i].Mean
			changes[f.Unit] = changes[f.Unit] || math.Abs(a-b) > .1*max(math.Abs(a), math.Abs(b))
		}
	}
	if len(units) == 0 {
		return nil
	}
	return of[units[max(0, slices.IndexFunc(units, func(u string) bool { return changes[u] }))]]
}

// Examine runs what is behind the claim.
func (x *Examiner) Examine(ctx context.Context, c scenarios.Claim) (*Evidence, error) {
	return x.examine(ctx, c, x.Seeds, change{})
}

// Off examines the claim with its mechanism switched off in each of its ways.
func (x *Examiner) Off(ctx context.Context, c scenarios.Claim) ([]*Evidence, error) {
	var all []*Evidence
	for _, off := range c.Off {
		e, err := x.examine(ctx, c, 1, change{off.Run, off.Set})
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// change is what one of a claim's runs has otherwise.
type change struct {
	run string
	set []string
}

// examine runs what is behind the claim under so many seeds.
func (x *Examiner) examine(ctx context.Context, c scenarios.Claim, seeds int, other change) (*Evidence, error) {
	e := &Evidence{Claim: c, Seeds: max(seeds, 1)}
	for _, run := range c.Runs {
		var set []string
		if run.Name == other.run {
			set = other.set
		}
		r, err := x.run(ctx, run, strategiesIn(run.Name, expressions(c)), e.Seeds, set)
		if err != nil {
			return nil, fmt.Errorf("claim %d: %w", c.Number, err)
		}
		e.Results = append(e.Results, r)
	}
	samples := make([][]float64, len(c.Figures))
	within := make([]int, len(c.Within)) // how many seeds show it
	for seed := range e.Seeds {
		env := environment{}
		for i, run := range c.Runs {
			env.add(run.Name, e.Results[i].Scenario, runsOf(e.Results[i], seed))
		}
		held, err := env.truth(c.Holds)
		if err != nil {
			return nil, fmt.Errorf("claim %d: %w", c.Number, err)
		}
		if held {
			e.Held++
		}
		for i, f := range c.Figures {
			v, err := env.number(f.Of)
			if err != nil {
				return nil, fmt.Errorf("claim %d: %w", c.Number, err)
			}
			samples[i] = append(samples[i], v)
		}
		for i, w := range c.Within {
			seen := w.If == ""
			if !seen {
				if seen, err = env.truth(w.If); err != nil {
					return nil, fmt.Errorf("claim %d: %w", c.Number, err)
				}
			}
			if seen {
				within[i]++
			}
		}
	}
	for i, n := range within {
		if n == e.Seeds {
			e.Within = append(e.Within, c.Within[i].That)
		}
	}
	for i, f := range c.Figures {
		mean, half := result.Confidence95(samples[i])
		e.Figures = append(e.Figures, Figure{f, mean, half})
	}
	return e, nil
}

// run simulates one scenario, unless that was done before.
func (x *Examiner) run(ctx context.Context, run scenarios.ClaimRun, strategies []scenarios.Strategy, seeds int, set []string) (*result.Result, error) {
	sets := slices.Clone(run.Set)
	if x.Quick {
		sets = append(sets, run.Quick...)
	}
	sets = append(sets, set...)
	s, err := scenarios.Load(run.Scenario, sets)
	if err != nil {
		return nil, err
	}
	strategies = slices.DeleteFunc(slices.Clone(s.Strategies), func(st scenarios.Strategy) bool { return !slices.Contains(strategies, st) })
	key := fmt.Sprint(run.Scenario, sets, strategies, seeds)
	if r := x.done[key]; r != nil {
		return r, nil
	}
	if x.Doing != nil {
		x.Doing(strings.Join(append([]string{run.Scenario}, sets...), " "))
	}
	r, err := x.Simulate(ctx, s, strategies, seeds)
	if err != nil {
		return nil, err
	}
	if x.done == nil {
		x.done = map[string]*result.Result{}
	}
	x.done[key] = r
	return r, nil
}

// runsOf returns the runs of one of a result's seeds.
func runsOf(r *result.Result, seed int) []result.Run {
	if len(r.Replicates) == 0 {
		return r.Runs
	}
	return r.Replicates[seed].Runs
}

// expressions are all that is computed for a claim.
func expressions(c scenarios.Claim) []string {
	all := []string{c.Holds}
	for _, f := range c.Figures {
		all = append(all, f.Of)
	}
	for _, w := range c.Within {
		all = append(all, w.If)
	}
	return all
}

// strategiesIn returns the strategies that expressions name of a run.
func strategiesIn(run string, expressions []string) []scenarios.Strategy {
	var named []scenarios.Strategy
	for _, s := range scenarios.AllStrategies() {
		prefix := `(^|[^\w.])`
		if run != "" {
			prefix += run + `\.`
		}
		mention := regexp.MustCompile(prefix + s.Identifier() + `\.`)
		if slices.ContainsFunc(expressions, mention.MatchString) {
			named = append(named, s)
		}
	}
	return named
}
