package scenarios

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// The decoder is our own, over goccy's tree: goccy's cuts 1.5 down to 1 for a
// whole number, reports any one of several unknown fields, and gives no
// position for what a text unmarshaller refuses.

// nodeDecoder is a type with a notation of its own.
type nodeDecoder interface {
	decodeNode(doc *document, node ast.Node, path string) *Error
}

// defaulter is an element of a list with fields that default.
type defaulter interface{ setDefaults() }

// decode sets v, which may hold defaults, to what the node at path says.
func (doc *document) decode(node ast.Node, path string, v reflect.Value) *Error {
	if err := doc.present(node, path); err != nil {
		return err
	}
	switch target := v.Addr().Interface().(type) {
	case nodeDecoder:
		return target.decodeNode(doc, node, path)
	case encoding.TextUnmarshaler:
		return doc.decodeText(node, path, target)
	}
	switch v.Kind() {
	case reflect.Struct:
		return doc.eachField(node, path, fieldNames(v.Type()), func(i int, n ast.Node, path string) *Error {
			err := doc.decode(n, path, v.Field(i))
			if enum := v.Type().Field(i).Tag.Get("enum"); err != nil && enum != "" && v.Field(i).Kind() == reflect.String {
				err.Remedy = "valid are: " + strings.ReplaceAll(enum, ",", ", ")
			}
			return err
		})
	case reflect.Slice:
		v.SetZero()
		return doc.decodeList(node, path, func(n ast.Node, path string) *Error {
			element := reflect.New(v.Type().Elem()).Elem()
			if d, ok := element.Addr().Interface().(defaulter); ok {
				d.setDefaults()
			}
			err := doc.decode(n, path, element)
			v.Set(reflect.Append(v, element))
			return err
		})
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return doc.decode(node, path, v.Elem())
	case reflect.String:
		return doc.decodeString(node, path, v)
	case reflect.Bool:
		b, ok := node.(*ast.BoolNode)
		if !ok {
			return doc.mismatch(node, path, "true or false")
		}
		v.SetBool(b.Value)
	case reflect.Int, reflect.Uint64:
		return doc.decodeInteger(node, path, v)
	case reflect.Float64:
		return doc.decodeNumber(node, path, v.Addr().Interface().(*float64))
	default:
		panic(fmt.Sprintf("scenarios: no notation for %s", v.Type()))
	}
	return nil
}

// present refuses a field without a value.
func (doc *document) present(node ast.Node, path string) *Error {
	if node == nil || node.Type() == ast.NullType {
		return doc.fault(node, path, path+" has no value", "give it one, or remove the line for the default")
	}
	return nil
}

// mismatch says that the node is not of the wanted kind.
func (doc *document) mismatch(node ast.Node, path, wanted string) *Error {
	got := "a value"
	switch node.(type) {
	case *ast.MappingNode:
		got = "a mapping"
	case *ast.SequenceNode:
		got = "a list"
	default:
		got = strconv.Quote(abbreviate(scalarText(node)))
	}
	if path == "" {
		path = "a scenario"
	}
	return doc.fault(node, path, fmt.Sprintf("%s must be %s, not %s", path, wanted, got), "")
}

// abbreviate shortens what an error quotes.
func abbreviate(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}

// scalarText returns a scalar as it is written, without quotes.
func scalarText(node ast.Node) string {
	if literal, ok := node.(*ast.LiteralNode); ok {
		return literal.Value.Value
	}
	return node.GetToken().Value
}

// decodeText sets target from a scalar.
func (doc *document) decodeText(node ast.Node, path string, target encoding.TextUnmarshaler) *Error {
	if err := doc.present(node, path); err != nil {
		return err
	}
	if _, ok := node.(ast.ScalarNode); !ok {
		return doc.mismatch(node, path, "a single value")
	}
	text := scalarText(node)
	if len(text) > 100 {
		return doc.mismatch(node, path, "a short text")
	}
	if err := target.UnmarshalText([]byte(text)); err != nil {
		e, ok := err.(*Error)
		if !ok {
			e = &Error{Reason: err.Error()}
		}
		return doc.fault(node, path, e.Reason, e.Remedy)
	}
	return nil
}

// decodeString sets v from text.
func (doc *document) decodeString(node ast.Node, path string, v reflect.Value) *Error {
	switch node.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		v.SetString(scalarText(node))
		return nil
	}
	err := doc.mismatch(node, path, "text")
	if _, ok := node.(ast.ScalarNode); ok {
		err.Remedy = "put it in quotes"
	}
	return err
}

// decodeInteger sets v from a whole number.
func (doc *document) decodeInteger(node ast.Node, path string, v reflect.Value) *Error {
	integer, ok := node.(*ast.IntegerNode)
	if !ok {
		err := doc.mismatch(node, path, "a whole number")
		if _, e := strconv.ParseFloat(scalarText(node), 64); e == nil {
			err.Remedy = "write it without a point or an exponent, such as 1000"
		}
		return err
	}
	switch value := integer.Value.(type) {
	case uint64:
		if v.CanUint() {
			v.SetUint(value)
			return nil
		}
		if value <= math.MaxInt && !v.OverflowInt(int64(value)) {
			v.SetInt(int64(value))
			return nil
		}
	case int64:
		if v.CanInt() && !v.OverflowInt(value) {
			v.SetInt(value)
			return nil
		}
	}
	return doc.fault(node, path, fmt.Sprintf("%s %s is out of range", path, abbreviate(scalarText(node))), "give a value of 0 or more that is not that large")
}

// decodeNumber sets number from a number, whole or not.
func (doc *document) decodeNumber(node ast.Node, path string, number *float64) *Error {
	switch node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		if f, err := strconv.ParseFloat(scalarText(node), 64); err == nil && !math.IsInf(f, 0) {
			*number = f
			return nil
		}
	case nil, *ast.NullNode:
		return doc.present(node, path)
	}
	return doc.mismatch(node, path, "a number")
}

// decodeList calls each for every element of a list.
func (doc *document) decodeList(node ast.Node, path string, each func(n ast.Node, path string) *Error) *Error {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		if err := doc.present(node, path); err != nil {
			return err
		}
		err := doc.mismatch(node, path, "a list")
		err.Remedy = "write [...], or one element per line, each behind a hyphen"
		return err
	}
	for i, n := range sequence.Values {
		if err := each(n, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	return nil
}

// eachField calls each for the fields of a mapping, with the index of the
// field's name in names, in the document's order. It refuses other names.
func (doc *document) eachField(node ast.Node, path string, names []string, each func(i int, n ast.Node, path string) *Error) *Error {
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		if err := doc.present(node, path); err != nil {
			return err
		}
		err := doc.mismatch(node, path, "a mapping")
		err.Remedy = "it has the fields " + strings.Join(names, ", ")
		return err
	}
	for _, entry := range mapping.Values {
		name, err := doc.key(entry, path)
		if err != nil {
			return err
		}
		i := index(names, name)
		if i < 0 {
			where := path
			if where == "" {
				where = "a scenario"
			}
			remedy := suggest(name, names)
			if other, known := otherFiles[name]; known && path == "" {
				remedy = other
			}
			return doc.fault(entry.Key, join(path, name), fmt.Sprintf("unknown field %q in %s", abbreviate(name), where), remedy)
		}
		if entry.Value == nil || entry.Value.Type() == ast.NullType {
			return doc.faultAt(entry.Key.GetToken(), join(path, name), join(path, name)+" has no value", "give it one, or remove the line for the default")
		}
		if err := each(i, entry.Value, join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

// otherFiles are fields by which files that people take for scenarios are known,
// and what to do with those.
var otherFiles = map[string]string{
	"log":    "this looks like a browser's recording (HAR): protosim import har makes a scenario of it",
	"schema": "this looks like a stored result: protosim plot, report and compare read results",
}

// key returns the name of a mapping's entry.
func (doc *document) key(entry *ast.MappingValueNode, path string) (string, *Error) {
	if entry.Key == nil || entry.Key.GetToken() == nil {
		return "", doc.fault(entry.Value, path, "a field without a name", "write name: value")
	}
	if tk := entry.Key.GetToken(); tk.Type != token.MappingKeyType {
		return tk.Value, nil
	}
	return "", doc.fault(entry.Key, path, "a complex key", "write name: value")
}

// fieldNames returns the names of a struct's fields as files write them, in
// the order of the fields.
func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return names
}

// index returns where name is in names, or -1.
func index(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}
