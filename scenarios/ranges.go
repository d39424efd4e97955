package scenarios

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// limits are the least and the greatest value of a field, from its tag
// `range:"1ms..24h"`, which also feeds the JSON Schema.
type limits struct {
	low, high         float64
	lowText, highText string
}

// limitsOf returns the limits in a field's tag.
func limitsOf(f reflect.StructField) (l limits, ok bool) {
	tag, ok := f.Tag.Lookup("range")
	if !ok {
		return l, false
	}
	low, high, _ := strings.Cut(tag, "..")
	l.low, l.lowText = limit(f.Type, low)
	l.high, l.highText = limit(f.Type, high)
	return l, true
}

// limit reads one end of a range in the notation of the field's type. A tag is
// part of the program, so a wrong one panics.
func limit(t reflect.Type, text string) (value float64, shown string) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[DurationDist]():
		t = reflect.TypeFor[Duration]()
	case reflect.TypeFor[SizeDist]():
		t = reflect.TypeFor[Size]()
	}
	v := reflect.New(t)
	if q, ok := v.Interface().(encoding.TextUnmarshaler); ok {
		if err := q.UnmarshalText([]byte(text)); err != nil {
			panic(err)
		}
		return number64(v.Elem()), fmt.Sprint(v.Elem())
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return f, text
}

// number64 returns a numeric field's value. All limits are below 2^53, so
// nothing within them is rounded.
func number64(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return v.Float()
}

// check says whether value, shown as text, is within the limits.
func (l limits) check(path string, value float64, text string) *Error {
	if value >= l.low && value <= l.high { // false for NaN
		return nil
	}
	return problem(path, fmt.Sprintf("%s %s is out of range", path, text), fmt.Sprintf("give a value from %s to %s", l.lowText, l.highText))
}

// checkRanges checks every field within v, in the order of the fields, against
// the limits and the lists of allowed values in its tags.
func checkRanges(v reflect.Value, path string) *Error {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			if err := checkRanges(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
	default:
		return nil
	}
	names := fieldNames(v.Type())
	for i := range v.NumField() {
		if err := checkField(v.Type().Field(i), v.Field(i), join(path, names[i])); err != nil {
			return err
		}
	}
	return nil
}

func checkField(f reflect.StructField, v reflect.Value, path string) *Error {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if enum := f.Tag.Get("enum"); enum != "" {
		allowed := strings.Split(enum, ",")
		if name := v.String(); index(allowed, name) < 0 {
			return problem(path, fmt.Sprintf("unknown %s %q", path, abbreviate(name)), suggest(name, allowed))
		}
	}
	l, limited := limitsOf(f)
	switch d := v.Interface().(type) {
	case interface {
		inRange(string, limits) *Error
		check(string) *Error
	}:
		if err := d.check(path); err != nil {
			return err
		}
		return d.inRange(path, l)
	}
	if limited {
		return l.check(path, number64(v), fmt.Sprint(v))
	}
	return checkRanges(v, path)
}
