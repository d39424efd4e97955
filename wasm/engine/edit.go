package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"protosim/scenarios"
)

// edit is a scenario and what was changed in it.
type edit struct {
	Scenario string `json:"scenario"` // name in the library
	YAML     string `json:"yaml"`     // or the text of a file
	File     string `json:"file"`     // and what that is called, for messages
	// Set are changes to fields, as path=value.
	Set []string `json:"set"`
	// Faults follow those that the scenario has, each as YAML:
	// {at: 20s, kind: crash, target: www-2}.
	Faults     []string             `json:"faults"`
	Strategies []scenarios.Strategy `json:"strategies"` // none for the scenario's
	Seed       uint64               `json:"seed"`       // 0 for the scenario's
}

// apply makes the edited scenario.
func (e *edit) apply() (*scenarios.Scenario, error) {
	s, err := e.load()
	if err != nil {
		return nil, err
	}
	for _, text := range e.Faults {
		f, err := readFault(s, text)
		if err != nil {
			return nil, err
		}
		s.Faults = append(s.Faults, f)
	}
	if len(e.Strategies) > 0 && !slices.Equal(e.Strategies, s.Strategies) {
		s.Expect = slices.DeleteFunc(slices.Clone(s.Expect), func(text string) bool {
			return slices.ContainsFunc(s.Strategies, func(left scenarios.Strategy) bool {
				return !slices.Contains(e.Strategies, left) && mentions(text, left)
			})
		})
		s.Strategies = e.Strategies
	}
	if e.Seed != 0 {
		s.Seed = e.Seed
	}
	return s, s.Validate()
}

// mentions says that an expectation compares the strategy. The engine cannot
// compile expectations: see scenarios, tag noexpectations.
func mentions(expectation string, s scenarios.Strategy) bool {
	name := regexp.QuoteMeta(strings.ReplaceAll(string(s), "-", "_"))
	return regexp.MustCompile(`\b` + name + `\.`).MatchString(expectation)
}

// load reads the scenario with its fields changed.
func (e *edit) load() (*scenarios.Scenario, error) {
	s, err := e.read()
	return s, asField(err)
}

// asField lets an error about a change speak of the field: a page has no flags.
func asField(err error) error {
	var e *scenarios.Error
	if !errors.As(err, &e) {
		return err
	}
	own := e.GivenBy("")
	if own == e {
		return err
	}
	own.Source, own.Column = "", 0 // it says the same again
	return own
}

func (e *edit) read() (*scenarios.Scenario, error) {
	if e.YAML == "" && e.File == "" {
		return scenarios.Load(e.Scenario, e.Set)
	}
	var overrides []scenarios.Override
	for _, text := range e.Set {
		o, err := scenarios.ParseOverride(text)
		if err != nil {
			return nil, err
		}
		overrides = append(overrides, o)
	}
	return scenarios.Parse(cmp.Or(e.File, "scenario.yaml"), []byte(e.YAML), overrides...)
}

// readFault reads a fault with the scenario's own decoder, so that defaults,
// units and names are as in a file.
func readFault(s *scenarios.Scenario, text string) (scenarios.Fault, error) {
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return scenarios.Fault{}, &scenarios.Error{File: "fault " + text, Reason: "not readable as YAML", Remedy: "write it like {at: 20s, kind: crash, target: www-2}"}
	}
	bare := *s
	bare.Faults, bare.Expect = nil, nil
	file, err := scenarios.MarshalBrief(&bare)
	if err != nil {
		return scenarios.Fault{}, err
	}
	o := scenarios.Override{Path: "faults", Value: "[" + text + "]"}
	parsed, err := scenarios.Parse("fault", file, o)
	if err != nil {
		if e := (*scenarios.Error)(nil); errors.As(err, &e) {
			e.File, e.Line, e.Column, e.Source = "fault "+text, 0, 0, ""
		}
		return scenarios.Fault{}, err
	}
	if len(parsed.Faults) != 1 {
		return scenarios.Fault{}, &scenarios.Error{File: "fault " + text, Reason: fmt.Sprintf("%d faults instead of one", len(parsed.Faults)), Remedy: "write it like {at: 20s, kind: crash, target: www-2}"}
	}
	return parsed.Faults[0], nil
}
