package scenarios

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
)

// TestSchemaIsCurrent compares schema.json with what the types say; with
// -update it rewrites the file. The generator lives in the test so that no
// binary carries it.
func TestSchemaIsCurrent(t *testing.T) {
	want, err := generateSchema()
	if err != nil {
		t.Fatal(err)
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(Schema(), want) {
		t.Error("schema.json is stale: run go generate ./scenarios")
	}
}

// generateSchema returns the JSON Schema of Scenario.
func generateSchema() ([]byte, error) {
	reflector := jsonschema.Reflector{
		Anonymous:                  true,
		RequiredFromJSONSchemaTags: true,
		Mapper:                     refer,
	}
	if err := reflector.AddGoComments("protosim/scenarios", ".", jsonschema.WithFullComment()); err != nil {
		return nil, err
	}
	for name, text := range reflector.CommentMap {
		reflector.CommentMap[name] = strings.Join(strings.Fields(text), " ")
	}
	root := reflector.Reflect(&Scenario{})
	root.Title = "protosim scenario"
	maps.Copy(root.Definitions, quantities(reflector.CommentMap))
	if err := annotate(root.Definitions, reflect.TypeFor[Scenario](), Default()); err != nil {
		return nil, err
	}
	resource := DefaultResource("")
	resource.Path = ""
	if err := annotate(root.Definitions, reflect.TypeFor[Resource](), resource); err != nil {
		return nil, err
	}
	var fault Fault
	fault.setDefaults()
	if err := annotate(root.Definitions, reflect.TypeFor[Fault](), fault); err != nil {
		return nil, err
	}
	var firewall Firewall
	firewall.setDefaults()
	if err := annotate(root.Definitions, reflect.TypeFor[Firewall](), firewall); err != nil {
		return nil, err
	}
	for field, pattern := range map[string]string{"name": namePattern, "host": hostPattern, "path": pathPattern} {
		setPattern(root.Definitions["Resource"], field, pattern)
	}
	setPattern(root.Definitions["Scenario"], "name", namePattern)
	text, err := json.MarshalIndent(root, "", "  ")
	return append(text, '\n'), err
}

// refer refers the types with a notation of their own to their definitions.
func refer(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Duration](), reflect.TypeFor[Size](), reflect.TypeFor[Bandwidth](), reflect.TypeFor[Ratio](), reflect.TypeFor[Strategy]():
		return definition(t.Name())
	case reflect.TypeFor[DurationDist]():
		return definition("DurationDist")
	case reflect.TypeFor[SizeDist]():
		return definition("SizeDist")
	}
	return nil
}

func definition(name string) *jsonschema.Schema { return &jsonschema.Schema{Ref: "#/$defs/" + name} }

// quantities returns the definitions of the types with a notation of their own.
func quantities(comments map[string]string) jsonschema.Definitions {
	text := func(pattern string, examples ...any) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "string", Pattern: pattern, Examples: examples}
	}
	comment := func(name string) string { return comments["protosim/scenarios."+name] }
	defs := jsonschema.Definitions{
		"Duration": {AnyOf: []*jsonschema.Schema{text(durationPattern, "50ms", "2s", "1m30s"), {Const: 0}}},
		"Size":     {AnyOf: []*jsonschema.Schema{text(sizePattern, "20kB", "64KiB"), {Type: "integer", Minimum: "0"}}},
		"Bandwidth": {AnyOf: []*jsonschema.Schema{
			{Type: "string", Enum: []any{"unlimited"}}, text(bandwidthPattern, "20Mbps", "unlimited"), {Const: 0}}},
		"Ratio":        {AnyOf: []*jsonschema.Schema{text(ratioPattern, "1%"), {Type: "number", Minimum: "0", Maximum: "1"}}},
		"Strategy":     {Type: "string"},
		"DurationDist": distribution("Duration"),
		"SizeDist":     distribution("Size"),
	}
	for _, name := range strategyNames(AllStrategies()) {
		defs["Strategy"].Enum = append(defs["Strategy"].Enum, name)
	}
	for name, def := range defs {
		def.Description = comment(name)
	}
	return defs
}

// distribution returns the definition of a distribution of a quantity.
func distribution(quantity string) *jsonschema.Schema {
	d := new(DurationDist)
	all := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{definition(quantity)}}
	for _, shape := range shapes() {
		d.Shape = Shape(shape)
		inner := object()
		for _, p := range d.parameters() {
			value := definition(quantity)
			if _, isNumber := p.value.(*float64); isNumber {
				value = &jsonschema.Schema{Type: "number", Minimum: "0.01", Maximum: "100"}
			}
			inner.Properties.Set(p.name, value)
			inner.Required = append(inner.Required, p.name)
		}
		if d.Shape == Listed {
			one := uint64(1)
			inner = &jsonschema.Schema{Type: "array", Items: definition(quantity), MinItems: &one}
		}
		outer := object()
		outer.Properties.Set(shape, inner)
		outer.Required = []string{shape}
		all.AnyOf = append(all.AnyOf, outer)
	}
	return all
}

func object() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
}

func setPattern(def *jsonschema.Schema, field, pattern string) {
	property, _ := def.Properties.Get(field)
	property.Pattern = pattern
}

// annotate adds defaults, limits and allowed values to the definition of the
// struct t and of those within.
func annotate(defs jsonschema.Definitions, t reflect.Type, defaults any) error {
	text, err := json.Marshal(defaults)
	if err != nil {
		return err
	}
	values := make(map[string]any)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&values); err != nil {
		return err
	}
	annotateStruct(defs, t, values)
	return nil
}

func annotateStruct(defs jsonschema.Definitions, t reflect.Type, values map[string]any) {
	def := defs[t.Name()]
	for i, name := range fieldNames(t) {
		field := t.Field(i)
		property, _ := def.Properties.Get(name)
		if inner, ok := values[name].(map[string]any); ok && field.Type.Kind() == reflect.Struct && defs[field.Type.Name()] != nil && defs[field.Type.Name()].Properties != nil {
			annotateStruct(defs, field.Type, inner)
			continue
		}
		switch again := property.Default != nil; { // a struct may be that of several fields
		case field.Tag.Get("jsonschema") == "required" || values[name] == "":
		case again && !reflect.DeepEqual(property.Default, values[name]):
			property.Default = nil // each of them has its own
		default:
			property.Default = values[name]
		}
		if l, ok := limitsOf(field); ok && (field.Type.Kind() == reflect.Int || field.Type == reflect.TypeFor[float64]()) {
			property.Minimum, property.Maximum = json.Number(l.lowText), json.Number(l.highText)
		}
		if enum := field.Tag.Get("enum"); enum != "" {
			property.Enum = nil
			for allowed := range strings.SplitSeq(enum, ",") {
				property.Enum = append(property.Enum, allowed)
			}
		}
		if field.Type.Kind() == reflect.Slice && field.Tag.Get("json") != name+",omitempty" {
			one := uint64(1)
			property.MinItems = &one
		}
	}
}
