package claim

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"

	"protosim/model/result"
	"protosim/scenarios"
)

// environment is what the expressions of a claim see: the metrics of its runs
// under their strategies' names, as nested maps, and how many clients the first
// run has.
type environment map[string]any

// add puts in the runs of a scenario, below its name unless it has none.
func (env environment) add(name string, s *scenarios.Scenario, runs []result.Run) {
	into := map[string]any(env)
	if name != "" {
		into = map[string]any{}
		env[name] = into
	} else {
		env["clients"] = float64(s.Clients.Count)
	}
	for _, run := range runs {
		metrics := map[string]any{}
		for metric, v := range run.Metrics {
			scenarios.Bind(metrics, metric, v)
		}
		into[run.Strategy.Identifier()] = metrics
	}
}

func (env environment) truth(text string) (bool, error) {
	v, err := env.evaluate(text, expr.AsBool())
	if err != nil {
		return false, err
	}
	return v.(bool), nil
}

func (env environment) number(text string) (float64, error) {
	v, err := env.evaluate(text, expr.AsFloat64())
	if err != nil {
		return 0, err
	}
	return v.(float64), nil
}

func (env environment) evaluate(text string, kind expr.Option) (any, error) {
	program, err := expr.Compile(text, expr.Env(map[string]any(env)), kind)
	if err == nil {
		var v any
		if v, err = expr.Run(program, map[string]any(env)); err == nil {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%s: %s", text, strings.ReplaceAll(err.Error(), "\n", " "))
}
