//go:build !noexpectations

package scenarios

import (
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Constraint is an expectation that also says by how much it is violated, so
// that settings which all violate it can be compared.
type Constraint struct {
	*Expectation
	tree ast.Node
}

// CompileConstraint compiles an expression as CompileExpectation does. A metric
// may also be written without a strategy, as in requests.failed < 100: it is
// then one of the strategy that is given as subject.
func CompileConstraint(text string, subject Strategy, strategies []Strategy) (*Constraint, error) {
	e, err := CompileExpectation(qualify(text, subject), strategies)
	if err != nil {
		return nil, err
	}
	tree, fault := parser.Parse(e.text)
	if fault != nil {
		return nil, expressionError(fault, "constraint", expectationExample)
	}
	return &Constraint{Expectation: e, tree: tree.Node}, nil
}

// Metrics are the metrics that the constraint compares, from left to right, as
// strategy.metric.
func (c *Constraint) Metrics() []string {
	var names []string
	for _, r := range c.refs {
		if !slices.Contains(names, r.name) {
			names = append(names, r.name)
		}
	}
	return names
}

// Strategies are those that the constraint is about, in the order of
// AllStrategies.
func (c *Constraint) Strategies() []Strategy {
	var named []Strategy
	for _, s := range AllStrategies() {
		if slices.ContainsFunc(c.refs, func(r reference) bool { return r.strategy == s }) {
			named = append(named, s)
		}
	}
	return named
}

// qualify puts the subject before metrics that name no strategy. What does not
// parse stays as it is: to compile it gives the error.
func qualify(text string, subject Strategy) string {
	tree, err := parser.Parse(text)
	if err != nil {
		return text
	}
	var found references
	ast.Walk(&tree.Node, &found)
	letters := []rune(text)
	slices.SortFunc(found.list, func(a, b reference) int { return b.from - a.from }) // from the end, so that places stay
	for _, r := range found.list {
		if !slices.ContainsFunc(AllStrategies(), func(s Strategy) bool { return s.Identifier() == r.leads() }) {
			letters = slices.Insert(letters, r.from, []rune(subject.Identifier()+".")...)
		}
	}
	return string(letters)
}

// leads is the first word of a reference, which names its strategy if one is
// named.
func (r reference) leads() string {
	first, _, _ := strings.Cut(r.name, ".")
	return first
}

// Violation is 0 where the constraint holds, and otherwise how far it is from
// holding, as a share of the larger of the two sides: 0.5 for 200 < 100. Of
// several conditions joined by and the worst counts, joined by or the best.
// What cannot be measured so, or has not been measured, is violated by 1 and
// +Inf. The reason is that of Evaluate.
func (c *Constraint) Violation(metrics map[Strategy]map[string]float64) (v float64, reason string) {
	held, reason, err := c.Evaluate(metrics)
	switch {
	case err != nil:
		return math.Inf(1), reason
	case held:
		return 0, reason
	}
	return violation(c.tree, c.refs, metrics), reason
}

func violation(node ast.Node, refs []reference, metrics map[Strategy]map[string]float64) float64 {
	b, ok := node.(*ast.BinaryNode)
	if !ok {
		return 1
	}
	switch b.Operator {
	case "and", "&&":
		return max(violation(b.Left, refs, metrics), violation(b.Right, refs, metrics))
	case "or", "||":
		return min(violation(b.Left, refs, metrics), violation(b.Right, refs, metrics))
	}
	left, ok1 := sideValue(b.Left, refs, metrics)
	right, ok2 := sideValue(b.Right, refs, metrics)
	if !ok1 || !ok2 {
		return 1
	}
	over := left - right
	switch b.Operator {
	case "<", "<=":
	case ">", ">=":
		over = -over
	case "==":
		over = math.Abs(over)
	default:
		return 1
	}
	const touching = 1e-9 // 100 < 100: no distance, and yet not held
	if over < 0 {
		return 0 // this one of several holds
	}
	return max(over/max(math.Abs(left), math.Abs(right), 1e-300), touching)
}

// sideValue is the value of one side of a comparison.
func sideValue(side ast.Node, refs []reference, metrics map[Strategy]map[string]float64) (float64, bool) {
	env := make(map[string]any)
	for _, r := range refs {
		Bind(env, r.name, metrics[r.strategy][r.metric])
	}
	out, err := expr.Eval(side.String(), env)
	if err != nil {
		return 0, false
	}
	switch v := out.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	}
	return 0, false
}
