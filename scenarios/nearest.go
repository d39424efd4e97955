package scenarios

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest returns the candidate that takes the fewest edits to reach from name,
// letter case aside, or "" when none is near enough to be what was meant.
// Among equals the earliest wins.
func nearest(name string, candidates []string) string {
	const longest = 100 // bounds the work on absurd names
	if name == "" || len(name) > longest {
		return ""
	}
	best, fewest := "", 1+max(1, len(name)/2)
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(c)); d < fewest {
			best, fewest = c, d
		}
	}
	return best
}

// suggest turns a name that is none of the candidates into a remedy: the
// nearest valid name, or all of them.
func suggest(name string, candidates []string) string {
	if n := nearest(name, candidates); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return "valid are: " + strings.Join(candidates, ", ")
}
