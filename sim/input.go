package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"protosim/scenarios"
)

// loadOne reads a scenario of the library by its name, a file by its path, or
// standard input as "-", and applies the changes of --set.
func (p *process) loadOne(name string, set []string) (*scenarios.Scenario, error) {
	if name != "-" {
		s, err := scenarios.Load(name, set)
		if err != nil && isUnknown(name) {
			if there, unseen := os.Stat(name); unseen == nil && there.IsDir() {
				return nil, badInput(name+" is a folder", "give the path of a YAML file in it; protosim list shows the scenarios that have names")
			}
			err = fmt.Errorf("%w\nprotosim list shows all scenarios; the path of a file has a slash or a dot", err)
		}
		return s, err
	}
	var overrides []scenarios.Override
	for _, text := range set {
		o, err := scenarios.ParseOverride(text)
		if err != nil {
			return nil, err
		}
		overrides = append(overrides, o)
	}
	data, err := p.readAll()
	if err != nil {
		return nil, err
	}
	return scenarios.Parse("standard input", data, overrides...)
}

// readAll reads standard input, which nobody means to be endless.
func (p *process) readAll() ([]byte, error) {
	const most = 256 << 20
	data, err := io.ReadAll(io.LimitReader(p.stdin, most+1))
	if err != nil {
		return nil, fmt.Errorf("standard input cannot be read: %w", err)
	}
	if len(data) > most {
		return nil, badInput(fmt.Sprintf("standard input is longer than %d MiB", most>>20), "give it a scenario or a HAR file")
	}
	return data, nil
}

// isUnknown says that name is meant as a scenario of the library and is none.
func isUnknown(name string) bool {
	_, err := scenarios.Open(name)
	return err != nil && !strings.ContainsAny(name, `./\`)
}
