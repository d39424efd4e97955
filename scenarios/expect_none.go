//go:build noexpectations

package scenarios

import "errors"

// Built with the tag noexpectations, as the browser's engine is, the package
// keeps expectations and conditions as text and neither checks nor evaluates
// them: the expression language looks methods up by name, for which the linker
// keeps all methods of everything, and the engine would be twice as large. A
// program built without the tag judges how they came out, and runs what has
// conditions.

// ErrNotEvaluated says that an expectation could not be evaluated.
var ErrNotEvaluated = errors.New("not evaluated")

// Expectation is the text of an expression over the metrics of strategies.
type Expectation struct{ text string }

// CompileExpectation keeps the text.
func CompileExpectation(text string, _ []Strategy) (*Expectation, error) {
	return &Expectation{text}, nil
}

func compileExpectation(text string, _ []Strategy) (*Expectation, *Error) {
	return &Expectation{text}, nil
}

// String returns the expression.
func (e *Expectation) String() string { return e.text }

// Evaluate returns ErrNotEvaluated.
func (e *Expectation) Evaluate(map[Strategy]map[string]float64) (held bool, reason string, err error) {
	return false, "", ErrNotEvaluated
}

// Expectations returns nothing: there is nothing that could be judged.
func (s *Scenario) Expectations() ([]*Expectation, error) { return nil, nil }

// Condition is the text of an expression over the counters of a run.
type Condition struct{ text string }

// CompileCondition keeps the text.
func CompileCondition(text string) (*Condition, error) { return &Condition{text}, nil }

func compileCondition(text string) (*Condition, *Error) { return &Condition{text}, nil }

// String returns the expression.
func (c *Condition) String() string { return c.text }

// Holds returns ErrNotEvaluated.
func (c *Condition) Holds(func(name string) float64) (bool, error) { return false, ErrNotEvaluated }
