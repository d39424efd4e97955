package main

import (
	"fmt"

	"github.com/agnivade/levenshtein"
)

// nearest is the candidate that takes the fewest edits to reach from name, the
// first of several, or "" if none is near enough to be what was meant.
func nearest(name string, candidates []string) string {
	best, fewest := "", 1+max(2, len(name)/3)
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(name, c); d < min(fewest, len(c)) {
			best, fewest = c, d
		}
	}
	return best
}

// suggest is a remedy: the near name in the given format, or, if there is
// none, where all are listed.
func suggest(format, near, otherwise string) string {
	if near == "" {
		return otherwise
	}
	return fmt.Sprintf("did you mean "+format+"? %s", near, otherwise)
}
