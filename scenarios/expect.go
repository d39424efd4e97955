//go:build !noexpectations

package scenarios

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// ErrNotEvaluated says that an expectation could not be evaluated because a
// run that it compares, or one of its metrics, is missing; for instance after
// run --strategy http2. It has neither held nor failed.
var ErrNotEvaluated = errors.New("not evaluated")

// expectationExample is what remedies show.
const expectationExample = "write for example http2.page_load_ms.p50 < http1.page_load_ms.p50"

// Expectation is a compiled expression over the metrics of strategies.
type Expectation struct {
	text    string
	program *vm.Program
	refs    []reference
}

// reference is one metric that an expression mentions.
type reference struct {
	node     ast.Node
	name     string // as the expression writes it: http2.page_load_ms.p50
	from     int    // where it begins in the expression, in characters
	strategy Strategy
	metric   string
}

// CompileExpectation compiles an expression such as
//
//	http2.page_load_ms.p50 < http1.page_load_ms.p50
//
// over the metrics of the given strategies. A hyphen in a strategy's name is
// written as an underscore. Besides the operators of expr-lang it may call abs,
// min, max, floor, ceil and round. An expression that names another strategy
// or no metric, or that is not a yes or no, gives an *Error.
func CompileExpectation(text string, strategies []Strategy) (*Expectation, error) {
	e, err := compileExpectation(text, strategies)
	if err != nil {
		return nil, err
	}
	return e, nil
}

func compileExpectation(text string, strategies []Strategy) (*Expectation, *Error) {
	const longest = 1000
	if len(text) > longest {
		return nil, &Error{Reason: fmt.Sprintf("an expectation of %d bytes", len(text)), Remedy: fmt.Sprintf("keep it below %d, or split it", longest)}
	}
	if unparseable(text) {
		return nil, &Error{Reason: "not readable as an expression", Remedy: "use fewer brackets"}
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, expressionError(err, "expectation", expectationExample)
	}
	found := references{what: "an expectation"}
	ast.Walk(&tree.Node, &found)
	if found.call != nil {
		return nil, found.call
	}
	for i := range found.list {
		if err := found.list[i].resolve(strategies); err != nil {
			return nil, err
		}
	}
	if len(found.list) == 0 {
		return nil, &Error{Reason: fmt.Sprintf("the expectation %q compares no metric", text), Remedy: expectationExample}
	}
	program, err := expr.Compile(text, expr.Env(metricTypes(strategies)), expr.AsBool())
	if err != nil {
		return nil, expressionError(err, "expectation", expectationExample)
	}
	return &Expectation{text: text, program: program, refs: found.list}, nil
}

// String returns the expression.
func (e *Expectation) String() string { return e.text }

// Evaluate says whether the expectation holds for the metrics that each
// strategy's run has measured, and gives the compared values as the reason:
//
//	http2.page_load_ms.p50 = 205, http1.page_load_ms.p50 = 1885
//
// When a run or a metric is missing the error is ErrNotEvaluated and the
// reason says what is missing.
func (e *Expectation) Evaluate(metrics map[Strategy]map[string]float64) (held bool, reason string, err error) {
	env := make(map[string]any)
	var missing, values []string
	seen := make(map[string]bool)
	for _, r := range e.refs {
		if seen[r.name] {
			continue
		}
		seen[r.name] = true
		run, ok := metrics[r.strategy]
		if !ok {
			if what := "no run of " + string(r.strategy); !seen[what] {
				seen[what] = true
				missing = append(missing, what)
			}
			continue
		}
		value, ok := run[r.metric]
		if !ok {
			missing = append(missing, "no "+r.name)
			continue
		}
		values = append(values, r.name+" = "+formatValue(value))
		Bind(env, r.name, value)
	}
	if missing != nil {
		return false, strings.Join(missing, ", "), ErrNotEvaluated
	}
	reason = strings.Join(values, ", ")
	out, err := expr.Run(e.program, env)
	if err != nil {
		return false, reason, fmt.Errorf("evaluating %q: %w", e.text, expressionError(err, "expectation", expectationExample))
	}
	held, _ = out.(bool) // AsBool has made sure
	return held, reason, nil
}

// Expectations compiles all expectations of a validated scenario.
func (s *Scenario) Expectations() ([]*Expectation, error) {
	all := make([]*Expectation, len(s.Expect))
	for i, text := range s.Expect {
		e, err := CompileExpectation(text, s.Strategies)
		if err != nil {
			return nil, err
		}
		all[i] = e
	}
	return all, nil
}

// references gathers the metrics of an expression from left to right.
type references struct {
	what string // the expression is
	list []reference
	call *Error // the first call of a function that expectations do not have
}

// functions returns the functions that an expectation may call. The others of
// expr-lang are of no use for numbers, or depend on the time of day.
func functions() []string { return []string{"abs", "min", "max", "floor", "ceil", "round"} }

// Visit sees the inner nodes of http2.page_load_ms.p50 first, and grows the
// reference with each outer one.
func (r *references) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		r.list = append(r.list, reference{node: n, name: n.Value, from: n.Location().From})
	case *ast.BuiltinNode:
		if r.call == nil && index(functions(), n.Name) < 0 {
			r.call = &Error{Reason: fmt.Sprintf("unknown function %q in %s", n.Name, r.what),
				Remedy: suggest(n.Name, functions()), within: n.Location().From, Width: len(n.Name)}
		}
	case *ast.MemberNode:
		property, ok := n.Property.(*ast.StringNode)
		if last := len(r.list) - 1; ok && last >= 0 && r.list[last].node == n.Node {
			r.list[last].node = n
			r.list[last].name += "." + property.Value
		}
	}
}

// resolve finds the strategy and the metric that the reference names.
func (r *reference) resolve(strategies []Strategy) *Error {
	fail := func(reason, remedy string) *Error {
		return &Error{Reason: reason, Remedy: remedy, within: r.from, Width: utf8.RuneCountInString(r.name)}
	}
	strategy, metric, _ := strings.Cut(r.name, ".")
	valid := strategyNames(strategies)
	for i, name := range valid {
		valid[i] = Strategy(name).Identifier()
		if valid[i] == strategy {
			r.strategy = strategies[i]
		}
	}
	if r.strategy == "" {
		for _, name := range AllStrategies() {
			if name.Identifier() == strategy {
				return fail(fmt.Sprintf("the expectation compares %s, which the scenario does not run", name),
					fmt.Sprintf("add %s to strategies, or compare one of %s", name, strings.Join(valid, ", ")))
			}
		}
		return fail(fmt.Sprintf("unknown strategy %q in an expectation", abbreviate(strategy)), suggest(strategy, valid))
	}
	if _, ok := MetricNamed(metric); !ok {
		if metric == "" {
			return fail(fmt.Sprintf("the expectation names %s without a metric", strategy), "write for example "+strategy+".page_load_ms.p50")
		}
		return fail(fmt.Sprintf("unknown metric %q of %s", abbreviate(metric), strategy), suggest(metric, metricNames()))
	}
	r.metric = metric
	return nil
}

// metricTypes describes the metrics of the strategies to the compiler.
func metricTypes(strategies []Strategy) types.Map {
	env := make(types.Map)
	for _, s := range strategies {
		tree := make(types.Map)
		for _, name := range metricNames() {
			describe(tree, name)
		}
		env[s.Identifier()] = tree
	}
	return env
}

// describe tells the compiler of a number with a dotted name.
func describe(tree types.Map, name string) {
	parts := strings.Split(name, ".")
	for _, part := range parts[:len(parts)-1] {
		inner, ok := tree[part].(types.Map)
		if !ok {
			inner = make(types.Map)
			tree[part] = inner
		}
		tree = inner
	}
	tree[parts[len(parts)-1]] = types.Float64
}

// unparseable reports whether text is nothing for the parser, which would take very
// long for many brackets.
func unparseable(text string) bool {
	return !utf8.ValidString(text) || strings.Count(text, "(")+strings.Count(text, "[")+strings.Count(text, "{") > 50
}

// formatValue writes a metric's value to at most six decimals.
func formatValue(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)
}

// expressionError turns an error of expr into one of ours.
func expressionError(err error, what, example string) *Error {
	e := &Error{Reason: "the " + what + " does not compile: " + strings.ReplaceAll(err.Error(), "\n", " "), Remedy: example}
	var at *file.Error
	if errors.As(err, &at) {
		e.Reason = "the " + what + " does not compile: " + strings.ReplaceAll(at.Message, "\n", " ")
		e.within, e.Width = at.From, max(1, at.To-at.From)
	}
	if kind, isNumber := strings.CutPrefix(err.Error(), "expected bool, but got "); isNumber {
		e.Reason = "the " + what + " is no yes-or-no question, but gives a " + kind
		e.Remedy = "compare it with something, for example by < or >="
	}
	return e
}
