package scenarios_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"protosim/scenarios"
)

func ExampleMarshalBrief() {
	s := scenarios.Default()
	s.Name = "distant"
	s.Network.RTT = 200_000_000
	s.Page.Resources = s.Page.Resources[:1]
	text, _ := scenarios.MarshalBrief(s)
	fmt.Print(string(text))
	// Output:
	// # yaml-language-server: $schema=schema.json
	// name: distant
	// network:
	//   rtt: 200ms
	// page:
	//   resources:
	//     - name: document
	//       size: 30kB
}

// What is written is read back as the same, whatever the scenario.
func TestMarshalRoundTrip(t *testing.T) {
	check := func(s *scenarios.Scenario) {
		t.Helper()
		if err := s.Validate(); err != nil {
			t.Fatalf("%v\n%+v", err, s)
		}
		for _, marshal := range []func(*scenarios.Scenario) ([]byte, error){scenarios.Marshal, scenarios.MarshalBrief, asJSON} {
			text, err := marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			back, err := scenarios.Parse("back.yaml", text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if !reflect.DeepEqual(back, s) {
				t.Fatalf("got  %+v\nwant %+v\n%s", back, s, text)
			}
		}
		// Results carry scenarios as JSON.
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back scenarios.Scenario
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(&back, s) {
			t.Fatalf("through JSON: %v\ngot  %+v\nwant %+v", err, &back, s)
		}
	}
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		check(s)
	}
	seeds := uint64(100)
	if testing.Short() {
		seeds = 20
	}
	for seed := range seeds {
		check(randomScenario(rand.New(rand.NewPCG(seed, 0))))
	}
}

func asJSON(s *scenarios.Scenario) ([]byte, error) { return json.Marshal(s) }

// randomScenario draws a valid scenario.
func randomScenario(r *rand.Rand) *scenarios.Scenario {
	duration := func(low, high int64) scenarios.Duration { return scenarios.Duration(low + r.Int64N(high-low)) }
	size := func(low, high int64) scenarios.Size { return scenarios.Size(low + r.Int64N(high-low)) }
	text := func() string {
		all := []string{"", "plain", "with: colon", "# no comment", "\"quoted\" 'both'", "äöü €", "- dash", "true", "12", "null", "~", "tab\tand\\backslash", "{a: b}", "trailing ", " leading", "%d", "@x", "two  blanks", "0x10", "1e3", "=", "<<", "!tag", "&a", "*a", "|", ">", "yes", ".inf", "2024-01-01"}
		return all[r.IntN(len(all))]
	}
	const hour = int64(3600e9)
	s := scenarios.Default()
	s.Name = fmt.Sprintf("random-%d", r.IntN(100))
	s.Title = text()
	s.Description = text()
	if r.IntN(3) == 0 {
		s.Description += "\nsecond line\n\n  indented"
	}
	s.Seed = 1 + r.Uint64N(scenarios.MaxSeed)
	s.Duration = duration(60e9, hour)
	r.Shuffle(len(s.Strategies), func(i, j int) { s.Strategies[i], s.Strategies[j] = s.Strategies[j], s.Strategies[i] })
	s.Network.RTT = duration(0, 60e9)
	s.Network.Up = scenarios.Link{Bandwidth: scenarios.Bandwidth(1000 + r.Int64N(1e9)), Queue: size(1500, 1e9), Loss: scenarios.Ratio(r.Float64())}
	s.Network.TCP.Congestion = []string{"cubic", "reno"}[r.IntN(2)]
	s.TLS.Enabled = r.IntN(2) == 0
	*s.TLS.Resumption = r.IntN(2) == 0
	s.Clients.Timeout = duration(1e6, 60e9)
	s.Clients.Visits = 1 + r.IntN(10)
	s.Clients.Think = randomDist[scenarios.Duration](r, hour)
	if r.IntN(4) > 0 {
		s.Page.Resources = nil
		for i := range 1 + r.IntN(5) {
			res := scenarios.DefaultResource(fmt.Sprintf("r%d", i))
			res.Count = 1 + r.IntN(20)
			res.Size = randomDist[scenarios.Size](r, 1e9)
			for j := range i {
				if r.IntN(2) == 0 {
					res.After = append(res.After, fmt.Sprintf("r%d", j))
				}
			}
			if r.IntN(3) == 0 {
				d := randomDist[scenarios.Duration](r, hour)
				res.ServiceTime = &d
				res.Method, res.Body, res.Host = "POST", size(0, 1e6), "cdn.example.org"
			}
			s.Page.Resources = append(s.Page.Resources, res)
		}
	}
	s.Expect = []string{"http2.page_load_ms.p50 < 1000"}
	return s
}

// randomDist draws a distribution of values below most.
func randomDist[T scenarios.Duration | scenarios.Size](r *rand.Rand, most int64) scenarios.Dist[T] {
	low := T(1 + r.Int64N(most/2))
	high := low + T(r.Int64N(most/2))
	switch r.IntN(6) {
	case 0:
		return scenarios.Dist[T]{Shape: scenarios.Uniform, Min: low, Max: high}
	case 1:
		return scenarios.Dist[T]{Shape: scenarios.Exponential, Mean: low}
	case 2:
		return scenarios.Dist[T]{Shape: scenarios.Lognormal, Median: low, P99: high}
	case 3:
		return scenarios.Dist[T]{Shape: scenarios.Pareto, Min: low, Max: high, Alpha: 0.5 + r.Float64()}
	case 4:
		return scenarios.Dist[T]{Shape: scenarios.Listed, Values: []T{low, high}}
	}
	return scenarios.Always(low)
}
