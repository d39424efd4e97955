package scenarios

import (
	"bytes"
	"encoding"
	"fmt"
	"math"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Shape names a family of distributions.
type Shape string

// The shapes that a distribution may have.
const (
	Constant    Shape = "constant"    // always Mean
	Uniform     Shape = "uniform"     // evenly between Min and Max
	Exponential Shape = "exponential" // memoryless with mean Mean
	Lognormal   Shape = "lognormal"   // half below Median, 1 % above P99
	Pareto      Shape = "pareto"      // at least Min, tail index Alpha, cut off at Max
	Listed      Shape = "list"        // one of Values, each as likely
)

// shapes lists the shapes that are written as a mapping.
func shapes() []string {
	return []string{string(Constant), string(Uniform), string(Exponential), string(Lognormal), string(Pareto), string(Listed)}
}

// Dist is a distribution of non-negative quantities. It is written as a bare
// quantity (constant) or as a mapping of its shape:
//
//	5ms
//	{uniform: {min: 1ms, max: 9ms}}
//	{exponential: {mean: 5ms}}
//	{lognormal: {median: 5ms, p99: 40ms}}
//	{pareto: {min: 2kB, alpha: 1.3, max: 2MB}}
//	{list: [12kB, 40kB, 7kB]}
//
// For a list of sizes on a resource with a count, object i takes value i
// (cyclically) instead of drawing one. The zero value is a constant 0.
type Dist[T Duration | Size] struct {
	Shape    Shape
	Mean     T
	Min, Max T
	Median   T
	P99      T
	Alpha    float64
	Values   []T
}

// DurationDist is a distribution of durations.
type DurationDist = Dist[Duration]

// SizeDist is a distribution of sizes.
type SizeDist = Dist[Size]

// Always returns the distribution that is always value.
func Always[T Duration | Size](value T) Dist[T] {
	return Dist[T]{Shape: Constant, Mean: value}
}

// parameter is one named quantity of a distribution: a *T, or a *float64.
type parameter struct {
	name  string
	value any
}

// parameters lists what d's shape is described by, other than a list's values.
func (d *Dist[T]) parameters() []parameter {
	switch d.Shape {
	case Constant:
		return []parameter{{"mean", &d.Mean}}
	case Uniform:
		return []parameter{{"min", &d.Min}, {"max", &d.Max}}
	case Exponential:
		return []parameter{{"mean", &d.Mean}}
	case Lognormal:
		return []parameter{{"median", &d.Median}, {"p99", &d.P99}}
	case Pareto:
		return []parameter{{"min", &d.Min}, {"alpha", &d.Alpha}, {"max", &d.Max}}
	}
	return nil
}

// String returns the distribution in the notation of a scenario file, on one line.
func (d Dist[T]) String() string {
	text, err := yaml.MarshalWithOptions(d, yaml.Flow(true))
	if err != nil {
		return fmt.Sprintf("(%s: %v)", d.Shape, err)
	}
	return string(bytes.TrimSpace(text))
}

// MarshalYAML writes the distribution as its documentation shows.
func (d Dist[T]) MarshalYAML() (any, error) {
	switch d.Shape {
	case "", Constant:
		return d.Mean, nil
	case Listed:
		return yaml.MapSlice{{Key: string(d.Shape), Value: d.Values}}, nil
	}
	var inner yaml.MapSlice
	for _, p := range d.parameters() {
		switch v := p.value.(type) {
		case *T:
			inner = append(inner, yaml.MapItem{Key: p.name, Value: *v})
		case *float64:
			inner = append(inner, yaml.MapItem{Key: p.name, Value: *v})
		}
	}
	if inner == nil {
		return nil, fmt.Errorf("distribution of unknown shape %q", d.Shape)
	}
	return yaml.MapSlice{{Key: string(d.Shape), Value: inner}}, nil
}

// MarshalJSON writes the distribution in the same form as MarshalYAML.
func (d Dist[T]) MarshalJSON() ([]byte, error) {
	text, err := yaml.MarshalWithOptions(d, yaml.JSON())
	return bytes.TrimSpace(text), err
}

// UnmarshalJSON reads what MarshalJSON wrote, and a bare quantity.
func (d *Dist[T]) UnmarshalJSON(data []byte) error {
	doc, err := readDocument("JSON", data)
	if err != nil {
		return err
	}
	if err := d.decodeNode(doc, doc.root, ""); err != nil {
		return err
	}
	return nil
}

// decodeNode reads the distribution from its node.
func (d *Dist[T]) decodeNode(doc *document, node ast.Node, path string) *Error {
	*d = Dist[T]{Shape: Constant}
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		if _, isList := node.(*ast.SequenceNode); isList {
			return doc.fault(node, path, "a list of values needs to say so", "write {list: [...]}")
		}
		return doc.decodeText(node, path, any(&d.Mean).(encoding.TextUnmarshaler))
	}
	if len(mapping.Values) != 1 {
		return doc.fault(node, path, fmt.Sprintf("a distribution has one shape, not %d", len(mapping.Values)),
			"write for example {exponential: {mean: ...}}")
	}
	entry := mapping.Values[0]
	shape, err := doc.key(entry, path)
	if err != nil {
		return err
	}
	path = join(path, shape)
	d.Shape = Shape(shape)
	if d.Shape == Listed {
		return doc.decodeList(entry.Value, path, func(n ast.Node, path string) *Error {
			var v T
			err := doc.decodeText(n, path, any(&v).(encoding.TextUnmarshaler))
			d.Values = append(d.Values, v)
			return err
		})
	}
	wanted := d.parameters()
	if wanted == nil {
		return doc.fault(entry.Key, path, fmt.Sprintf("unknown shape %q of a distribution", shape), suggest(shape, shapes()))
	}
	return d.decodeParameters(doc, entry.Value, path, wanted)
}

// decodeParameters reads the wanted parameters, all of them and no others.
func (d *Dist[T]) decodeParameters(doc *document, node ast.Node, path string, wanted []parameter) *Error {
	names := make([]string, len(wanted))
	for i, p := range wanted {
		names[i] = p.name
	}
	given := make(map[string]bool)
	err := doc.eachField(node, path, names, func(i int, n ast.Node, path string) *Error {
		given[names[i]] = true
		if alpha, ok := wanted[i].value.(*float64); ok {
			return doc.decodeNumber(n, path, alpha)
		}
		return doc.decodeText(n, path, wanted[i].value.(encoding.TextUnmarshaler))
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		if !given[name] {
			return doc.fault(node, path, fmt.Sprintf("%s has no %s", path, name), fmt.Sprintf("add %q", name+": ..."))
		}
	}
	return nil
}

// check says whether the parameters make sense together.
func (d Dist[T]) check(path string) *Error {
	at := join(path, string(d.Shape))
	disorder := func(low, high string) *Error {
		return problem(join(at, high), fmt.Sprintf("%s.%s is below %s", at, high, low), fmt.Sprintf("give a %s of at least %s", high, low))
	}
	switch d.Shape {
	case "", Constant, Exponential:
	case Uniform:
		if d.Max < d.Min {
			return disorder("min", "max")
		}
	case Lognormal:
		if d.Median <= 0 {
			return problem(join(at, "median"), at+".median is 0", "give a median above 0")
		}
		if d.P99 < d.Median {
			return disorder("median", "p99")
		}
	case Pareto:
		if d.Min <= 0 {
			return problem(join(at, "min"), at+".min is 0", "give a min above 0")
		}
		if d.Max < d.Min {
			return disorder("min", "max")
		}
		if !(d.Alpha >= 0.01 && d.Alpha <= 100) || math.IsNaN(d.Alpha) {
			return problem(join(at, "alpha"), fmt.Sprintf("%s.alpha %s is out of range", at, strconv.FormatFloat(d.Alpha, 'g', -1, 64)),
				"give a value from 0.01 to 100; web objects have about 1.3")
		}
	case Listed:
		if len(d.Values) == 0 {
			return problem(at, at+" is empty", "list at least one value")
		}
		if len(d.Values) > maxObjects {
			return problem(at, fmt.Sprintf("%s has %d values", at, len(d.Values)), fmt.Sprintf("list at most %d", maxObjects))
		}
	default:
		return problem(path, fmt.Sprintf("unknown shape %q of a distribution", d.Shape), suggest(string(d.Shape), shapes()))
	}
	return nil
}

// inRange checks every quantity of the distribution against the limits.
func (d Dist[T]) inRange(path string, l limits) *Error {
	if d.Shape == "" || d.Shape == Constant {
		return l.check(path, float64(d.Mean), fmt.Sprint(d.Mean))
	}
	path = join(path, string(d.Shape))
	for _, p := range d.parameters() {
		if v, ok := p.value.(*T); ok {
			if err := l.check(join(path, p.name), float64(*v), fmt.Sprint(*v)); err != nil {
				return err
			}
		}
	}
	for i, v := range d.Values {
		if err := l.check(fmt.Sprintf("%s[%d]", path, i), float64(v), fmt.Sprint(v)); err != nil {
			return err
		}
	}
	return nil
}
