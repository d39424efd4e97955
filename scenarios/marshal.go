package scenarios

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml"
)

// schemaLine tells editors how to complete and check a scenario file.
const schemaLine = "# yaml-language-server: $schema=schema.json\n"

// Marshal writes a scenario as a YAML file with every field. Parse reads it
// back as an equal scenario.
func Marshal(s *Scenario) ([]byte, error) {
	text, err := yaml.MarshalWithOptions(s, style()...)
	return append([]byte(schemaLine), text...), err
}

// style returns how files are written.
func style() []yaml.EncodeOption {
	return []yaml.EncodeOption{yaml.IndentSequence(true), yaml.CustomMarshaler(quote)}
}

// quote writes a text in quotes where the encoder would write it as something
// else: it forgets about .inf and blanks at the end, for instance.
func quote(text string) ([]byte, error) {
	plain, err := yaml.Marshal(text)
	if err != nil {
		return nil, err
	}
	var back any
	if err := yaml.Unmarshal(plain, &back); err == nil && back == text {
		return plain, nil
	}
	return json.Marshal(text)
}

// MarshalBrief writes a scenario as a YAML file without the fields that have
// their default value. Parse reads it back as an equal scenario, as long as
// the defaults stay what they are.
func MarshalBrief(s *Scenario) ([]byte, error) {
	fields, err := ordered(s)
	if err != nil {
		return nil, err
	}
	usual, err := ordered(Default())
	if err != nil {
		return nil, err
	}
	fields = prune(fields, usual, "name")
	for i, f := range fields {
		if f.Key != "page" {
			continue
		}
		if fields[i].Value, err = prunePage(s.Page); err != nil {
			return nil, err
		}
	}
	text, err := yaml.MarshalWithOptions(fields, style()...)
	return append([]byte(schemaLine), text...), err
}

// prunePage returns the page with its resources' defaults left out.
func prunePage(p Page) (yaml.MapSlice, error) {
	resources := make([]yaml.MapSlice, len(p.Resources))
	for i, r := range p.Resources {
		fields, err := ordered(&r)
		if err != nil {
			return nil, err
		}
		usual := DefaultResource(r.Name)
		defaults, err := ordered(&usual)
		if err != nil {
			return nil, err
		}
		resources[i] = prune(fields, defaults, "name")
	}
	return yaml.MapSlice{{Key: "resources", Value: resources}}, nil
}

// ordered returns the fields of v as a file writes them.
func ordered(v any) (yaml.MapSlice, error) {
	text, err := yaml.MarshalWithOptions(v, style()...)
	if err != nil {
		return nil, err
	}
	var fields yaml.MapSlice
	err = yaml.UnmarshalWithOptions(text, &fields, yaml.UseOrderedMap())
	return fields, err
}

// isShape reports whether a field's name is that of a distribution's shape.
func isShape(key any) bool {
	switch Shape(fmt.Sprint(key)) {
	case Uniform, Exponential, Lognormal, Pareto:
		return true
	}
	return false
}

// prune removes from fields what is the same in usual, apart from the field
// called keep.
func prune(fields, usual yaml.MapSlice, keep string) yaml.MapSlice {
	var rest yaml.MapSlice
	defaults := make(map[any]any, len(usual))
	for _, f := range usual {
		defaults[f.Key] = f.Value
	}
	for _, f := range fields {
		if f.Key != keep && reflect.DeepEqual(f.Value, defaults[f.Key]) {
			continue
		}
		inner, isMap := f.Value.(yaml.MapSlice)
		other, both := defaults[f.Key].(yaml.MapSlice)
		if isMap && both && !isShape(f.Key) { // a distribution is written whole
			f.Value = prune(inner, other, "")
		}
		rest = append(rest, f)
	}
	return rest
}
