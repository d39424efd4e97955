// Package report writes results up for a design review: what was asked, what
// was simulated, who wins by which metric and why, what was expected, what the
// numbers mean, what the model leaves out, and how to get them again. It is one
// self-contained HTML page, or Markdown for a pull request.
package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// report is what both forms show.
type report struct {
	Title    string
	Sections []*section
	Glossary []scenarios.Metric // of the metrics that are shown
	LeftOut  []string
	Versions string
	inks     []figure.Ink
}

// section is one result.
type section struct {
	ID, Name, Question, Description string
	Finding                         string
	Partial                         bool
	Replicated                      int // seeds, 0 for one
	Facts                           []fact
	Topology                        template.HTML
	TopologyText                    string
	Strategies                      []scenarios.Strategy
	Groups                          []group
	Zeros                           []string // labels of what is 0 throughout
	Charts                          []picture
	Expectations                    []result.Expectation
	Failed                          int
	Command                         string
	FromLibrary                     bool
	YAML                            string
	Digests                         []fact
}

// fact is a name and what it is.
type fact struct{ Name, Value string }

// group is a part of the verdict table.
type group struct {
	Title string
	Rows  []row
}

// row compares the strategies by one metric.
type row struct {
	Label, Name, Verdict string
	Known                bool // the glossary explains it
	Cells                []cell
}

// cell is one strategy's value.
type cell struct {
	Text string
	Best bool
}

// picture is a chart.
type picture struct {
	Kind, Finding, About, Alt string
	SVG                       template.HTML
}

// newReport gathers what is to be said of the results.
func newReport(results []*result.Result, pictures bool) (*report, error) {
	r := &report{Title: "protosim report", LeftOut: leftOut(results)}
	var versions []string
	shown := map[string]bool{}
	for i, res := range results {
		s, err := r.section(fmt.Sprintf("s%d", i+1), res, pictures)
		if err != nil {
			return nil, err
		}
		r.Sections = append(r.Sections, s)
		for _, g := range s.Groups {
			for _, row := range g.Rows {
				shown[row.Name] = true
			}
		}
		if !slices.Contains(versions, res.Version) {
			versions = append(versions, res.Version)
		}
	}
	if len(results) == 1 {
		r.Title = r.Sections[0].Question
	}
	for _, m := range scenarios.Metrics() {
		if shown[m.Name] {
			r.Glossary = append(r.Glossary, m)
		}
	}
	r.Versions = strings.Join(versions, ", ")
	return r, nil
}

func (r *report) section(id string, res *result.Result, pictures bool) (*section, error) {
	sc := res.Scenario
	s := &section{
		ID: id, Name: sc.Name, Question: sc.Title, Description: strings.TrimSpace(sc.Description),
		Finding: result.Finding(res), Partial: res.Partial,
		Facts: facts(res), TopologyText: topologyText(sc),
		Expectations: res.Expectations, Failed: len(res.Failed()),
	}
	if s.Question == "" {
		s.Question = sc.Name
	}
	if n := res.Seeds(); n > 1 {
		s.Replicated = n
	}
	yaml, err := scenarios.Marshal(sc)
	if err != nil {
		return nil, err
	}
	s.YAML = string(yaml)
	s.Command, s.FromLibrary = command(res, s.YAML)
	for _, run := range res.Runs {
		s.Digests = append(s.Digests, fact{string(run.Strategy), run.Digest})
	}
	s.verdicts(res)
	if pictures {
		scene := topology(sc)
		r.ink(scene)
		s.Topology = inline(scene, id+"-topology")
	}
	for _, k := range chart.Kinds() {
		if k.Needs(res) != nil {
			continue
		}
		f := k.Figure(res)
		p := picture{Kind: k.Name, Finding: f.Title, About: f.Subtitle, Alt: f.Alt}
		if pictures {
			title := f.Title
			f.Title, f.Notes = "", nil // the page has them
			scene := figure.Layout(f)
			scene.Title = title
			r.ink(scene)
			p.SVG = inline(scene, id+"-"+k.Name)
		}
		s.Charts = append(s.Charts, p)
	}
	return s, nil
}

// inline is a scene as part of the page. Its texts are escaped already.
func inline(s *figure.Scene, id string) template.HTML { return template.HTML(s.InlineSVG(id)) }

// ink notes the colours of a scene, which the page defines.
func (r *report) ink(s *figure.Scene) {
	for _, i := range s.Inks() {
		if !slices.ContainsFunc(r.inks, func(o figure.Ink) bool { return o.Light == i.Light }) {
			r.inks = append(r.inks, i)
		}
	}
}

// verdicts fills in the table of who wins by which metric.
func (s *section) verdicts(res *result.Result) {
	c := result.Compare(res)
	s.Strategies = c.Strategies
	sections, zeros := c.Sections()
	for _, section := range sections {
		g := group{Title: section.Title}
		for _, metric := range section.Rows {
			g.Rows = append(g.Rows, verdictRow(c, metric))
		}
		s.Groups = append(s.Groups, g)
	}
	for _, metric := range zeros {
		s.Zeros = append(s.Zeros, metric.Metric.Label)
	}
}

func verdictRow(c *result.Comparison, metric result.Row) row {
	printed := metric.Values()
	for _, cell := range metric.Cells {
		printed = append(printed, cell.CI95)
	}
	scale := result.ScaleFor(metric.Metric.Unit, printed...)
	out := row{Label: metric.Metric.Label, Name: metric.Metric.Name}
	_, out.Known = scenarios.MetricNamed(out.Name)
	var best []string
	for i, value := range metric.Cells {
		text := "–"
		if value.Present {
			text = scale.Format(value.Value)
		}
		if value.CI95 > 0 {
			text = scale.Number(value.Value) + " ± " + scale.Format(value.CI95)
		}
		wins := metric.Decided && value.Best
		if wins {
			best = append(best, string(c.Strategies[i]))
		}
		out.Cells = append(out.Cells, cell{text, wins})
	}
	if out.Verdict = strings.Join(best, ", "); out.Verdict != "" {
		if factor, _ := metric.Lead(); factor > 0 {
			out.Verdict += " " + result.Factor(factor) + "×"
		}
	}
	return out
}

// facts are the scenario's main settings.
func facts(res *result.Result) []fact {
	s := res.Scenario
	list := []fact{
		{"Workload", workload(s)},
		{"Clients", fmt.Sprintf("%d, arriving within %s", s.Clients.Count, s.Clients.Arrival)},
		{"Path", fmt.Sprintf("round trip %s, jitter up to %s", s.Network.RTT, s.Network.Jitter)},
		{"Down", link(s.Network.Down)},
		{"Up", link(s.Network.Up)},
		{"TCP", fmt.Sprintf("%s, initial window %d, MSS %d", s.Network.TCP.Congestion, s.Network.TCP.InitialWindow, s.Network.TCP.MSS)},
		{"TLS", encryption(s)},
	}
	for _, f := range s.Faults {
		list = append(list, fact{"Fault", chart.DescribeFault(f)})
	}
	for _, fault := range chart.NotHappened(res) {
		list = append(list, fact{"Did not happen", fault})
	}
	list = append(list, found(res)...)
	return append(list,
		fact{"Fidelity", res.Fidelity + ": real protocol code over a simulated network in virtual time"},
		fact{"Randomness", chart.Seeds(res)},
	)
}

// found are why sessions were lost, and where metrics come from that rest on
// measurements of real code beforehand: each once, with the strategies it is of.
func found(res *result.Result) []fact {
	var list []fact
	note := func(strategy scenarios.Strategy, name, text string) {
		for i := range list {
			if rest, same := strings.CutSuffix(list[i].Value, ": "+text); same && list[i].Name == name {
				list[i].Value = rest + ", " + string(strategy) + ": " + text
				return
			}
		}
		list = append(list, fact{name, string(strategy) + ": " + text})
	}
	for _, run := range res.Runs {
		var reasons []string
		for _, reason := range slices.Sorted(maps.Keys(run.Lost)) {
			reasons = append(reasons, fmt.Sprintf("%s, %s", result.ScaleFor("count", run.Lost[reason]).Format(run.Lost[reason]), reason))
		}
		if len(reasons) > 0 {
			note(run.Strategy, "Sessions lost", strings.Join(reasons, "; "))
		}
	}
	for _, run := range res.Runs {
		told := map[string]bool{}
		for _, metric := range slices.Sorted(maps.Keys(run.Sources)) {
			m, _ := scenarios.MetricNamed(metric)
			if text := run.Sources[metric]; !told[text] {
				told[text] = true
				note(run.Strategy, m.Label, text)
			}
		}
	}
	return list
}

func workload(s *scenarios.Scenario) string {
	if s.Workload == "session" {
		return "sessions that act every " + spread(s.Session.Interval)
	}
	if s.Workload == "catalogue" {
		return fmt.Sprintf("reads of %s by Zipf's law (%v), every %s", chart.Plural(s.Catalogue.Objects, "object"), s.Catalogue.Alpha, spread(s.Catalogue.Interval))
	}
	if s.Workload == "chat" {
		return "users of a chat who act every " + spread(s.Chat.Interval)
	}
	if s.Workload == "push" {
		return "events every " + spread(s.Push.Interval)
	}
	objects := 0
	for _, r := range s.Page.Resources {
		objects += r.Count
	}
	text := "a page of " + chart.Plural(objects, "object")
	if s.Clients.Visits > 1 {
		text += fmt.Sprintf(", loaded %d times by each client", s.Clients.Visits)
	}
	return text
}

// spread says in words which times a distribution gives.
func spread(d scenarios.DurationDist) string {
	switch d.Shape {
	case scenarios.Uniform:
		return d.Min.String() + " to " + d.Max.String()
	case scenarios.Exponential:
		return d.Mean.String() + " on average, at random"
	case scenarios.Lognormal:
		return fmt.Sprintf("%s in the median, 99 in 100 within %s", d.Median, d.P99)
	case scenarios.Pareto:
		return fmt.Sprintf("%s and more, up to %s", d.Min, d.Max)
	case scenarios.Listed:
		var values []string
		for _, v := range d.Values {
			values = append(values, v.String())
		}
		return "one of " + strings.Join(values, ", ")
	}
	return d.Mean.String()
}

func link(l scenarios.Link) string {
	if l.Bandwidth == 0 {
		return fmt.Sprintf("unlimited, loss %s", l.Loss)
	}
	return fmt.Sprintf("%s, queue %s, loss %s", l.Bandwidth, l.Queue, l.Loss)
}

func encryption(s *scenarios.Scenario) string {
	if !s.TLS.Enabled {
		return "none"
	}
	resumption := "with"
	if s.TLS.Resumption != nil && !*s.TLS.Resumption {
		resumption = "without"
	}
	return fmt.Sprintf("1.3, certificate chain of %s, %s resumption", s.TLS.Chain, resumption)
}

// command is what gives the same result again. If the scenario is not as the
// library has it, it runs the scenario from a file.
func command(res *result.Result, yaml string) (line string, fromLibrary bool) {
	name := res.Scenario.Name
	if shipped, err := scenarios.Load(name, nil); err == nil && slices.Contains(scenarios.Names(), name) {
		if text, err := scenarios.Marshal(shipped); err == nil {
			fromLibrary = string(text) == yaml
		}
	}
	if !fromLibrary {
		name += ".yaml"
	}
	line = "protosim run " + name + " --seed " + strconv.FormatUint(res.Seed, 10)
	if n := res.Seeds(); n > 1 {
		line += fmt.Sprintf(" --seeds %d", n)
	}
	var ran []scenarios.Strategy
	for _, run := range res.Runs {
		ran = append(ran, run.Strategy)
	}
	if !slices.Equal(ran, res.Scenario.Strategies) {
		for _, s := range ran {
			line += " --strategy " + string(s)
		}
	}
	return line, fromLibrary
}

// leftOut says what the model does not have, so that nobody takes a result for
// more than it is.
func leftOut(results []*result.Result) []string {
	list := []string{
		"Computing takes no time by itself: servers take the service times of the scenario, under a limit of concurrent requests. What a protocol costs in CPU does not show.",
		"Browsers' parsing, scripts, rendering and priorities: an object is requested as soon as what names it is complete, all in their order.",
		"Name resolution, and HTTP/3 over QUIC.",
		"Other traffic: each client has its access link to itself, and the path beyond it has no limit but the round-trip time.",
		"The network's own middleboxes, unless the scenario names them.",
	}
	if slices.ContainsFunc(results, func(r *result.Result) bool { return r.Seeds() < 2 }) {
		list = append(list, "Chance: a result of one seed is one draw. Differences of a few per cent may vanish with another seed; --seeds 20 gives means with confidence intervals.")
	}
	return list
}

//go:embed report.html claims.html head.html style.html
var pages embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"add": func(a, b int) int { return a + b },
}).ParseFS(pages, "*.html"))

// HTML writes the results as one page that needs nothing else.
func HTML(w io.Writer, results ...*result.Result) error {
	r, err := newReport(results, true)
	if err != nil {
		return err
	}
	return templates.ExecuteTemplate(w, "report.html", r)
}

// Light and Dark are the definitions of the colours for a style sheet.
func (r *report) Light() template.CSS {
	return variables(r.inks, func(i figure.Ink) figure.RGB { return i.Light })
}

// Dark is Light for dark paper.
func (r *report) Dark() template.CSS {
	return variables(r.inks, func(i figure.Ink) figure.RGB { return i.Dark })
}

func variables(inks []figure.Ink, shade func(figure.Ink) figure.RGB) template.CSS {
	var b strings.Builder
	for _, i := range inks {
		b.WriteString(i.Light.Variable() + ":" + shade(i).Hex() + ";")
	}
	return template.CSS(b.String())
}
