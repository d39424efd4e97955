package claim

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"protosim/scenarios"
)

// limitSteps is how often a limit's range is halved: to a sixty-fourth.
const limitSteps = 6

// between are the shares of a range that are looked at before a claim is said to
// hold for all of it.
var between = []float64{.25, .5, .75}

// Limit is where a claim stops holding.
type Limit struct {
	scenarios.ClaimLimit
	Scenario string // of the run, unless it is the first
	Last     string // the last value found at which it does, under all seeds; "" for none
	First    string // the first value found at which it does not, under any; "" for none
	Points   []LimitPoint
}

// LimitPoint is what one value gave.
type LimitPoint struct {
	Share       float64 // of the way between the ends
	Value       string
	Held, Seeds int // of how many seeds the claim held under
	Figures     []Figure
}

// found reports whether there is a value at which the claim does not hold.
func (l *Limit) found() bool { return l.First != "" }

// String says up to where the claim holds.
func (l *Limit) String() string {
	path := strings.Join(append([]string{l.Path}, l.Also...), " and ")
	var text string
	switch {
	case l.Last == "":
		text = fmt.Sprintf("not even with %s at %s", path, l.From)
	case l.First == "":
		text = fmt.Sprintf("for every %s from %s to %s", path, l.From, l.To)
	default:
		text = fmt.Sprintf("with %s at %s, no longer at %s", path, l.Last, l.First)
	}
	if l.Scenario != "" {
		text += " (" + l.Scenario + ")"
	}
	return text
}

// FindLimits searches the ranges of the claim's limits for the values at which
// it stops holding.
func (x *Examiner) FindLimits(ctx context.Context, c scenarios.Claim) ([]*Limit, error) {
	var all []*Limit
	for _, l := range c.Limits {
		found, err := x.findLimit(ctx, c, l)
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	return all, nil
}

// findLimit halves the interval between a value at which the claim holds and one
// at which it does not, under one seed. Then it widens the interval until the
// claim holds at one end of it under all seeds, and at the other under none.
func (x *Examiner) findLimit(ctx context.Context, c scenarios.Claim, l scenarios.ClaimLimit) (*Limit, error) {
	found := &Limit{ClaimLimit: l}
	if i := slices.IndexFunc(c.Runs, func(r scenarios.ClaimRun) bool { return r.Name == l.Run }); i > 0 {
		found.Scenario = c.Runs[i].Scenario
	}
	try := func(share float64, seeds int) (LimitPoint, error) {
		value, err := x.Between(l.From, l.To, share)
		if err != nil {
			return LimitPoint{}, err
		}
		set := append(slices.Clone(l.Set), l.Path+"="+value)
		for _, path := range l.Also {
			set = append(set, path+"="+value)
		}
		e, err := x.examine(ctx, c, seeds, change{l.Run, set})
		if err != nil {
			return LimitPoint{}, err
		}
		p := LimitPoint{share, value, e.Held, e.Seeds, e.Figures}
		found.Points = slices.DeleteFunc(found.Points, func(old LimitPoint) bool { return old.Value == value })
		found.Points = append(found.Points, p)
		return p, nil
	}
	seeds := max(x.Seeds, 1)
	p, err := try(0, seeds)
	if err != nil || p.Held < seeds {
		found.First = p.Value
		return found, err
	}
	found.Last = p.Value
	if p, err = try(1, seeds); err != nil {
		return nil, err
	}
	good, bad := 0.0, 1.0
	ends := p.Held == 0 // the claim's holding, somewhere before the end
	if p.Held == seeds {
		last := p.Value
		for _, share := range between { // or it may stop holding, and begin again
			if p, err = try(share, 1); err != nil {
				return nil, err
			}
			if p.Held == 0 {
				break
			}
			good = share
		}
		if p.Held > 0 {
			found.Last = last
			return found, nil
		}
		bad, ends = p.Share, true
	}
	found.First = p.Value
	for range limitSteps {
		p, err := try((good+bad)/2, 1)
		if err != nil {
			return nil, err
		}
		if p.Held > 0 {
			good, found.Last = p.Share, p.Value
		} else {
			bad, found.First = p.Share, p.Value
		}
		if found.Last == found.First { // values are coarser than the steps
			break
		}
	}
	for step := bad - good; good > 0; step *= 2 {
		if p, err = try(good, seeds); err != nil {
			return nil, err
		}
		found.Last = p.Value
		if p.Held == seeds {
			break
		}
		good = max(good-step, 0)
		found.Last = l.From
	}
	for step := bad - good; bad < 1 && ends; step *= 2 {
		if p, err = try(bad, seeds); err != nil {
			return nil, err
		}
		found.First = p.Value
		if p.Held == 0 {
			break
		}
		bad = min(bad+step, 1)
		found.First = l.To
	}
	return found, nil
}

// Sorted are the points in the order of the parameter, from one end to the other.
func (l *Limit) Sorted() []LimitPoint {
	points := slices.Clone(l.Points)
	slices.SortFunc(points, func(a, b LimitPoint) int { return cmp.Compare(a.Share, b.Share) })
	return points
}
