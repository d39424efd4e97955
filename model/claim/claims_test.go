package claim_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"protosim/model/claim"
	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// quick examines claims for real, and as fast as that goes.
func quick() *claim.Examiner {
	return &claim.Examiner{Quick: true, Seeds: 1, Simulate: func(ctx context.Context, s *scenarios.Scenario, strategies []scenarios.Strategy, seeds int) (*result.Result, error) {
		return world.Simulate(ctx, s, world.Options{Strategies: strategies, Seeds: seeds, Parallel: 1})
	}}
}

// TestClaims examines every claim, and again with its mechanism switched off:
// then what held must not.
func TestClaims(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates all claims")
	}
	for _, c := range scenarios.Claims() {
		t.Run(fmt.Sprint(c.Number), func(t *testing.T) {
			t.Parallel()
			x := quick()
			e, err := x.Examine(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			want := claim.Holds
			if c.Within != nil {
				want = claim.HoldsWithin
			}
			if e.Verdict() != want || len(e.Within) != len(c.Within) {
				t.Errorf("%q %s, want that it %s: %s", c.Claim, e.Summary(), want, figures(e))
			}
			if c.Off == nil {
				t.Error("nothing switches it off")
			}
			off, err := x.Off(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range off {
				if e.Verdict() != claim.DoesNotHold {
					t.Errorf("with %s %q still %s: %s", c.Off[i].What, c.Claim, e.Summary(), figures(e))
				}
			}
		})
	}
}

func figures(e *claim.Evidence) (text string) {
	for _, f := range e.Figures {
		text += fmt.Sprintf("\n    %s: %s", f.Label, f.Text())
	}
	return text
}

// A limit of a real claim: by the model of the page, n connections take
// 100 + ceil(100/n) x 105 ms, and HTTP/2 takes 205 ms: less than 100 connections
// take half as much again.
func TestLimitOfARealClaim(t *testing.T) {
	c := scenarios.Claims()[7]
	c.Runs, c.Figures = c.Runs[:1], c.Figures[:2]
	c.Holds = "http1.page_load_ms.p50 > 1.5 * http2.page_load_ms.p50"
	c.Limits = []scenarios.ClaimLimit{{Path: "clients.connections", From: "6", To: "100"}}
	x := quick()
	x.Between = func(from, to string, share float64) (string, error) {
		a, _ := strconv.ParseFloat(from, 64)
		b, _ := strconv.ParseFloat(to, 64)
		return strconv.Itoa(int(a + (b-a)*share + .5)), nil
	}
	limits, err := x.FindLimits(t.Context(), c)
	if err != nil || len(limits) != 1 {
		t.Fatal(limits, err)
	}
	l := limits[0]
	last, _ := strconv.Atoi(l.Last)
	first, _ := strconv.Atoi(l.First)
	if last > 99 || first != 100 || last < 98 {
		t.Errorf("%s, want that 99 connections are too few for 100 objects at once", l)
	}
	for _, at := range l.Points {
		n, _ := strconv.Atoi(at.Value)
		if want := float64(100 + (100+n-1)/n*105); at.Figures[0].Mean < want-1 || at.Figures[0].Mean > want+1 {
			t.Errorf("%d connections take %v ms, want %v", n, at.Figures[0].Mean, want)
		}
	}
}

// Every cell of the table is measured over what its column says.
func TestCellsAreOfTheirColumns(t *testing.T) {
	table := scenarios.ClaimsTable()
	strategies := regexp.MustCompile(`(^|[^\w.])([a-z]\w*)\.`)
	for _, row := range table.Rows {
		for _, column := range table.Columns {
			run, of, err := row.Cell(column)
			if err != nil {
				t.Fatal(err)
			}
			if of == "" {
				if column != scenarios.Hybrid {
					t.Errorf("%s has no %s", row.Row, column)
				}
				continue
			}
			for _, set := range [][]string{run.Set, append(slices.Clone(run.Set), run.Quick...)} {
				s, err := scenarios.Load(run.Scenario, set)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range strategies.FindAllStringSubmatch(of, -1) {
					i := slices.IndexFunc(scenarios.AllStrategies(), func(s scenarios.Strategy) bool { return s.Identifier() == m[2] })
					if i < 0 {
						t.Fatalf("%s of %s: what is %s in %s?", row.Row, column, m[2], of)
					}
					strategy := scenarios.AllStrategies()[i]
					carrier := s.Carrier(strategy)
					if column == scenarios.Hybrid {
						// It listens on a socket, and asks for everything else by HTTP/2.
						if strategy != scenarios.Hybrid && carrier != scenarios.HTTP2 {
							t.Errorf("%s of %s is of %s", row.Row, column, strategy)
						}
					} else if carrier != column {
						t.Errorf("%s of %s is of %s over %s", row.Row, column, strategy, carrier)
					}
				}
			}
		}
	}
}

// TestClaimsTable measures the table, and holds each row to what the strategies
// have to do with one another.
func TestClaimsTable(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates the table")
	}
	t.Parallel()
	table, err := quick().Table(t.Context(), scenarios.ClaimsTable())
	if err != nil {
		t.Fatal(err)
	}
	near := func(a, b, share float64) bool { return a >= b*(1-share) && a <= b*(1+share) }
	holds := map[string]func(h1, h2, ws, hybrid float64) bool{
		"Connections per page": func(h1, h2, ws, hy float64) bool { return h1 == 6 && h2 == 1 && ws == 1 && hy == 2 },
		"Median page load":     func(h1, h2, ws, hy float64) bool { return h1 > 1.2*h2 && near(ws, h2, .05) && hy == h2 },
		"Server memory per waiting user": func(h1, h2, ws, hy float64) bool {
			return h1 < ws && ws < h2 && near(hy, ws+h2, .01)
		},
		"Server memory per user of a chat": func(h1, h2, ws, hy float64) bool {
			return ws < h1 && h1 < h2 && h2 < hy // http1 has two connections, http2 a stream on its one
		},
		"Mean time for which a connection is remembered": func(h1, h2, ws, hy float64) bool {
			return near(h1, ws, .02) && near(h2, ws, .02) && near(hy, ws, .1)
		},
		"Responses that a shared cache answers": func(h1, h2, ws, hy float64) bool {
			return h1 > .3 && near(h1, h2, .05) && ws == 0 && hy == h2
		},
		"Time from an event to the client": func(h1, h2, ws, hy float64) bool {
			return h1 > 1000 && near(h2, ws, .02) && near(hy, ws, .02) && ws < 60
		},
		"Users reached behind the firewall mix": func(h1, h2, ws, hy float64) bool { return h1 == 1 && h2 == 1 && ws == .67 && hy == .67 },
		"Clients disturbed by a crash": func(h1, h2, ws, hy float64) bool {
			return h1 < .02 && h2 < .02 && near(ws, 1./3, .01) && near(hy, 1./3, .15)
		},
		"Sessions lost in a crash, where each keeps them": func(h1, h2, ws, _ float64) bool { return h1 == 0 && h2 == 0 && near(ws, 1./3, .01) },
		"Sessions lost in a crash, all in memory with affinity": func(h1, h2, ws, _ float64) bool {
			return near(h1, 1./3, .05) && near(h2, 1./3, .05) && near(ws, 1./3, .01)
		},
		"Clients disturbed by a rolling deploy": func(h1, h2, ws, hy float64) bool { return h1 == 0 && h2 == 0 && ws == 1 && hy == 1 },
		"Disconnects per client in a rolling deploy": func(h1, h2, ws, hy float64) bool {
			return h1 == 0 && h2 == 0 && near(ws, 19./12, .02) && near(hy, 19./12, .1)
		},
		"Busiest server over the mean after scaling out": func(h1, h2, ws, hy float64) bool { return h1 < 1.2 && h2 < 1.2 && near(ws, 2, .05) && near(hy, 2, .1) },
		"Time until the load is balanced":                func(h1, h2, ws, hy float64) bool { return h1 < 2000 && h2 < 2000 && ws == 20000 && hy == 20000 },
		"Clients disturbed to balance it":                func(h1, h2, ws, hy float64) bool { return h1 < .5 && h2 < .5 && ws == 1 && hy == 1 },
	}
	for _, row := range table.Rows {
		var v [4]float64
		for i, cell := range row.Cells {
			v[i] = cell.Mean
		}
		if holds[row.Row] == nil {
			t.Errorf("nothing is expected of %q", row.Row)
		} else if !holds[row.Row](v[0], v[1], v[2], v[3]) {
			t.Errorf("%s: %v", row.Row, v)
		}
	}
}

// TestClaimsAreComplete checks what does not need a simulation.
func TestClaimsAreComplete(t *testing.T) {
	for i, c := range scenarios.Claims() {
		if i > 0 && c.Number <= scenarios.Claims()[i-1].Number {
			t.Errorf("claim %d comes after %d", c.Number, scenarios.Claims()[i-1].Number)
		}
		if c.Claim == "" || c.Because == "" || c.Overturned == "" || len(c.Figures) == 0 || len(c.Runs) == 0 || c.Runs[0].Name != "" {
			t.Errorf("claim %d lacks something", c.Number)
		}
		for _, run := range c.Runs {
			for _, set := range [][]string{run.Set, append(run.Set[:len(run.Set):len(run.Set)], run.Quick...)} {
				if _, err := scenarios.Load(run.Scenario, set); err != nil {
					t.Errorf("claim %d: %v", c.Number, err)
				}
			}
			for _, l := range c.Limits {
				if l.Run != run.Name {
					continue
				}
				for _, value := range []string{l.From, l.To} {
					set := append(slices.Concat(run.Set, run.Quick, l.Set), l.Path+"="+value)
					for _, path := range l.Also {
						set = append(set, path+"="+value)
					}
					if _, err := scenarios.Load(run.Scenario, set); err != nil {
						t.Errorf("claim %d: %v", c.Number, err)
					}
				}
			}
		}
		for _, l := range c.Limits {
			if len((&claim.Evidence{Claim: c}).Varying(&claim.Limit{ClaimLimit: l})) == 0 {
				t.Errorf("claim %d: no figure depends on %s", c.Number, l.Path)
			}
		}
	}
}
