package scenarios_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/goccy/go-yaml"

	"protosim/scenarios"
)

func ExampleDist() {
	fmt.Println(scenarios.Always(scenarios.Size(20_000)))
	fmt.Println(scenarios.SizeDist{Shape: scenarios.Pareto, Min: 2000, Alpha: 1.3, Max: 2_000_000})
	// Output:
	// 20kB
	// {pareto: {min: 2kB, alpha: 1.3, max: 2MB}}
}

func TestDistRoundTrip(t *testing.T) {
	const ms = scenarios.Duration(1e6)
	for want, d := range map[string]scenarios.DurationDist{
		`"5ms"`:                                              scenarios.Always(5 * ms),
		`{"uniform":{"min":"1ms","max":"9ms"}}`:              {Shape: scenarios.Uniform, Min: ms, Max: 9 * ms},
		`{"exponential":{"mean":"5ms"}}`:                     {Shape: scenarios.Exponential, Mean: 5 * ms},
		`{"lognormal":{"median":"5ms","p99":"40ms"}}`:        {Shape: scenarios.Lognormal, Median: 5 * ms, P99: 40 * ms},
		`{"pareto":{"min":"2ms","alpha":2.0,"max":"900ms"}}`: {Shape: scenarios.Pareto, Min: 2 * ms, Alpha: 2, Max: 900 * ms},
		`{"list":["12ms","40ms","7ms"]}`:                     {Shape: scenarios.Listed, Values: []scenarios.Duration{12 * ms, 40 * ms, 7 * ms}},
	} {
		asJSON, err := json.Marshal(d)
		if err != nil || string(asJSON) != want {
			t.Errorf("%v: got %s, %v, want %s", d, asJSON, err, want)
		}
		var back scenarios.DurationDist
		if err := json.Unmarshal(asJSON, &back); err != nil || !reflect.DeepEqual(back, d) {
			t.Errorf("%v became %v, %v", d, back, err)
		}
		asYAML, err := yaml.Marshal(map[string]any{"name": "x", "clients": map[string]any{"think": d}})
		if err != nil {
			t.Fatal(err)
		}
		if s, err := scenarios.Parse("x.yaml", asYAML); err != nil || !reflect.DeepEqual(s.Clients.Think, d) {
			t.Errorf("%v: %v\n%s", d, err, asYAML)
		}
	}
}

func TestDistRefusesNonsense(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `null`, `true`, `"5"`, `{"constant":5}`, `{"uniform":{"min":"1ms"}}`, `{"uniform":{"min":"1ms","max":"2ms","mean":"1ms"}}`,
		`{"exponential":"5ms"}`, `{"list":{}}`, `{"list":["x"]}`, `{"pareto":{"min":"1ms","alpha":"x","max":"2ms"}}`, `{"uniform":{},"list":[]}`,
	} {
		var d scenarios.DurationDist
		if err := json.Unmarshal([]byte(text), &d); err == nil && text != "null" {
			t.Errorf("%s became %v", text, d)
		}
	}
}
