package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// step leads from a node to one within it: by name, or by index when name is
// empty.
type step struct {
	name  string
	index int
	// at is where in the path's text the step begins, counted in bytes.
	at int
}

// in returns the node that the step leads to, or nil.
func (s step) in(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, entry := range n.Values {
			if s.name != "" && entry.Key.GetToken().Value == s.name {
				return entry.Value
			}
		}
	case *ast.SequenceNode:
		if s.name == "" && s.index < len(n.Values) {
			return n.Values[s.index]
		}
	}
	return nil
}

// parsePath reads the path of a field, such as page.resources[0].size.
func parsePath(path string) ([]step, *Error) {
	var steps []step
	malformed := func(why string) *Error {
		return &Error{Reason: fmt.Sprintf("%q is not the path of a field: %s", path, why), Remedy: "write it like network.rtt or page.resources[0].size"}
	}
	for at := 0; at < len(path); {
		rest := path[at:]
		if rest[0] == '[' {
			digits, _, ok := strings.Cut(rest[1:], "]")
			index, err := strconv.ParseUint(digits, 10, 31)
			if !ok || err != nil {
				return nil, malformed("brackets hold a number that counts from 0")
			}
			steps = append(steps, step{index: int(index), at: at})
			at += len(digits) + 2
			continue
		}
		if at > 0 {
			if rest[0] != '.' {
				return nil, malformed("a dot belongs between names")
			}
			at++
			rest = rest[1:]
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return nil, malformed("a name is missing")
		}
		steps = append(steps, step{name: rest[:end], at: at})
		at += end
	}
	return steps, nil
}

// join appends a name to a path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
