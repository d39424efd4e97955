package page

import (
	"encoding/json"

	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// Catalogue is what the page knows before it has simulated anything.
type Catalogue struct {
	Version   string                `json:"version"`
	Scenarios []*scenarios.Scenario `json:"scenarios"` // in full
	// Own are the texts of those scenarios that are not of the library, by name.
	Own        map[string]string  `json:"own"`
	Metrics    []scenarios.Metric `json:"metrics"`
	Strategies []strategy         `json:"strategies"`
	// Workloads are the strategies that each can be run under.
	Workloads map[string][]scenarios.Strategy `json:"workloads"`
	// Sizes are the lengths in bytes of files that take a while to load.
	Sizes map[string]int `json:"sizes"`
}

// strategy is how the page shows one.
type strategy struct {
	Name  scenarios.Strategy `json:"name"`
	About string             `json:"about"`
	// Area and Text are its colours on a light and a dark page.
	Area [2]string `json:"area"`
	Text [2]string `json:"text"`
}

// about says in a line what a strategy does.
var about = map[scenarios.Strategy]string{
	scenarios.HTTP1:      "HTTP/1.1 over up to six connections that are kept",
	scenarios.HTTP1Close: "HTTP/1.1 with a new connection for every request",
	scenarios.HTTP2:      "HTTP/2: all requests over one connection",
	scenarios.WebSocket:  "WebSocket: everything on one socket that stays open",
	scenarios.Poll:       "asking for news every few seconds",
	scenarios.LongPoll:   "asking for news, and waiting for the answer",
	scenarios.SSE:        "server-sent events: one response that does not end",
	scenarios.Hybrid:     "events on a WebSocket, everything else over HTTP/2",
	scenarios.Fallback:   "a WebSocket if it gets through, then server-sent events, then long polling",
}

// Own is a scenario that is not of the library, and the text of its file.
type Own struct {
	Scenario *scenarios.Scenario
	Text     []byte
}

func catalogue(version string, sizes map[string]int, own []Own) ([]byte, error) {
	c := Catalogue{Version: version, Own: map[string]string{}, Metrics: scenarios.Metrics(), Sizes: sizes, Workloads: map[string][]scenarios.Strategy{}}
	for _, o := range own {
		c.Scenarios = append(c.Scenarios, o.Scenario)
		c.Own[o.Scenario.Name] = string(o.Text)
	}
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name, nil)
		if err != nil {
			return nil, err
		}
		c.Scenarios = append(c.Scenarios, s)
		c.Workloads[s.Workload] = possible(s)
	}
	for _, s := range scenarios.AllStrategies() {
		c.Strategies = append(c.Strategies, strategy{Name: s, About: about[s], Area: shades(chart.AreaInk(s)), Text: shades(chart.TextInk(s))})
	}
	return json.Marshal(c)
}

// possible are the strategies that the scenario's workload can be run under, by
// the scenario's own rules.
func possible(s *scenarios.Scenario) []scenarios.Strategy {
	var found []scenarios.Strategy
	for _, strategy := range scenarios.AllStrategies() {
		one := *s
		one.Strategies, one.Expect, one.Faults = []scenarios.Strategy{strategy}, nil, nil
		if one.Validate() == nil {
			found = append(found, strategy)
		}
	}
	return found
}

func shades(i figure.Ink) [2]string { return [2]string{i.Light.Hex(), i.Dark.Hex()} }
