package claim

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"protosim/scenarios"
)

// limitSteps is how often a limit's range is halved: to a sixty-fourth.
const limitSteps = 6

// Limit is where a claim stops holding.
type Limit struct {
	scenarios.ClaimLimit
	Last   string // the last value found at which it does, "" for none
	First  string // the first value found at which it does not, "" for none
	Points []LimitPoint
}

// LimitPoint is what one value gave.
type LimitPoint struct {
	Share   float64 // of the way between the ends
	Value   string
	Held    bool
	Figures []Figure
}

// String says up to where the claim holds.
func (l *Limit) String() string {
	switch {
	case l.Last == "":
		return fmt.Sprintf("not even with %s at %s", l.Path, l.From)
	case l.First == "":
		return fmt.Sprintf("for every %s from %s to %s", l.Path, l.From, l.To)
	}
	return fmt.Sprintf("with %s at %s, no longer at %s", l.Path, l.Last, l.First)
}

// FindLimit searches the range of the claim's limit, under one seed, for the
// value at which it stops holding, by halving the interval between a value at
// which it does and one at which it does not.
func (x *Examiner) FindLimit(ctx context.Context, c scenarios.Claim) (*Limit, error) {
	l := &Limit{ClaimLimit: *c.Limit}
	if l.Holds != "" {
		c.Holds = l.Holds
	}
	try := func(share float64) (bool, string, error) {
		value, err := x.Between(l.From, l.To, share)
		if err != nil {
			return false, "", err
		}
		e, err := x.examine(ctx, c, 1, change{set: append(slices.Clone(l.Set), l.Path+"="+value)})
		if err != nil {
			return false, "", err
		}
		l.Points = append(l.Points, LimitPoint{share, value, e.Held > 0, e.Figures})
		return e.Held > 0, value, nil
	}
	held, value, err := try(0)
	if err != nil || !held {
		l.First = value
		return l, err
	}
	l.Last = value
	held, value, err = try(1)
	if err != nil {
		return nil, err
	}
	if held {
		l.Last = value
		return l, nil
	}
	l.First = value
	good, bad := 0.0, 1.0
	for range limitSteps {
		middle := (good + bad) / 2
		held, value, err := try(middle)
		if err != nil {
			return nil, err
		}
		if held {
			good, l.Last = middle, value
		} else {
			bad, l.First = middle, value
		}
		if l.Last == l.First { // values are coarser than the steps
			break
		}
	}
	return l, nil
}

// Sorted are the points in the order of the parameter, from one end to the other.
func (l *Limit) Sorted() []LimitPoint {
	points := slices.Clone(l.Points)
	slices.SortFunc(points, func(a, b LimitPoint) int { return cmp.Compare(a.Share, b.Share) })
	return points
}
