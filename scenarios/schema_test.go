package scenarios_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"protosim/scenarios"
)

// compileSchema returns a validator of the published schema.
func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenarios.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("schema.json")
}

// validate checks a YAML text against the schema.
func validate(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

func TestLibraryMatchesSchema(t *testing.T) {
	schema := compileSchema(t)
	for _, name := range scenarios.Names() {
		text, err := scenarios.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schema, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s, err := scenarios.Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		resolved, err := scenarios.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schema, resolved); err != nil {
			t.Errorf("%s, resolved: %v", name, err)
		}
	}
}

// JSON Schema wants the values of an enumeration to differ, and editors offer
// each of them.
func TestSchemaOffersEachValueOnce(t *testing.T) {
	var within func(path string, node any)
	within = func(path string, node any) {
		switch node := node.(type) {
		case map[string]any:
			for name, inner := range node {
				within(path+"/"+name, inner)
			}
			values, _ := node["enum"].([]any)
			for i, value := range values {
				if slices.Contains(values[:i], value) {
					t.Errorf("%s offers %v twice", path, value)
				}
			}
		case []any:
			for i, inner := range node {
				within(fmt.Sprint(path, "/", i), inner)
			}
		}
	}
	var all any
	if err := json.Unmarshal(scenarios.Schema(), &all); err != nil {
		t.Fatal(err)
	}
	within("", all)
}

// What an editor can see, the schema sees: all mistakes but those that take
// knowledge of another field or the range of a quantity.
func TestSchemaSeesMistakes(t *testing.T) {
	schema := compileSchema(t)
	for _, name := range []string{
		"unknown-field", "unknown-strategy", "missing-unit", "bad-unit", "negative", "out-of-range", "fraction-of-a-client",
		"no-value", "number-for-text", "no-name", "bad-name", "unknown-shape", "missing-parameter", "unknown-congestion",
		"bare-list-of-sizes", "ratio-above-one",
	} {
		data, err := os.ReadFile(filepath.Join("testdata", "mistakes", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(string(data), "\n=== ")
		if validate(t, schema, []byte(text)) == nil {
			t.Errorf("the schema accepts %s", name)
		}
	}
}
