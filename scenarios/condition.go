//go:build !noexpectations

package scenarios

import (
	"fmt"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// Condition is a compiled expression over the counters of a run.
type Condition struct {
	text    string
	program *vm.Program
	names   []string // of counters that it mentions
}

// conditionExample is what remedies show.
const conditionExample = "write for example connections.open >= 500"

// CompileCondition compiles an expression such as
//
//	connections.open >= 500 and time > 20
//
// over the counters of a run, by the rules of CompileExpectation.
func CompileCondition(text string) (*Condition, error) {
	c, err := compileCondition(text)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func compileCondition(text string) (*Condition, *Error) {
	const longest = 1000
	if len(text) > longest {
		return nil, &Error{Reason: fmt.Sprintf("a condition of %d bytes", len(text)), Remedy: fmt.Sprintf("keep it below %d", longest)}
	}
	if unparseable(text) {
		return nil, &Error{Reason: "not readable as an expression", Remedy: "use fewer brackets"}
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, expressionError(err, "condition", conditionExample)
	}
	found := references{what: "a condition"}
	ast.Walk(&tree.Node, &found)
	if found.call != nil {
		return nil, found.call
	}
	c := &Condition{text: text}
	for _, r := range found.list {
		if index(counterNames(), r.name) < 0 {
			return nil, &Error{Reason: fmt.Sprintf("unknown counter %q in a condition", abbreviate(r.name)),
				Remedy: suggest(r.name, counterNames()), within: r.from, Width: utf8.RuneCountInString(r.name)}
		}
		c.names = append(c.names, r.name)
	}
	if len(c.names) == 0 {
		return nil, &Error{Reason: fmt.Sprintf("the condition %q looks at no counter", text), Remedy: conditionExample}
	}
	env := make(types.Map)
	for _, name := range counterNames() {
		describe(env, name)
	}
	if c.program, err = expr.Compile(text, expr.Env(env), expr.AsBool()); err != nil {
		return nil, expressionError(err, "condition", conditionExample)
	}
	return c, nil
}

// String returns the expression.
func (c *Condition) String() string { return c.text }

// Holds reports whether the condition holds for what the counters say now.
func (c *Condition) Holds(counter func(name string) float64) (bool, error) {
	env := make(map[string]any)
	for _, name := range c.names {
		Bind(env, name, counter(name))
	}
	out, err := expr.Run(c.program, env)
	if err != nil {
		return false, fmt.Errorf("evaluating %q: %w", c.text, expressionError(err, "condition", conditionExample))
	}
	held, _ := out.(bool) // AsBool has made sure
	return held, nil
}
