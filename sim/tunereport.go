package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// tuningSchema identifies the format of a stored outcome.
const tuningSchema = "protosim.tuning/1"

// tuningReport is what protosim tune writes as JSON.
type tuningReport struct {
	Schema    string          `json:"schema"`
	Version   string          `json:"version"`
	Scenario  string          `json:"scenario"`
	Command   string          `json:"command"` // that gives the same again
	Seed      uint64          `json:"seed"`
	Seeds     int             `json:"seeds"`
	Metric    string          `json:"metric"`
	Goal      string          `json:"goal"` // minimize or maximize
	SubjectTo []string        `json:"subject_to,omitempty"`
	Params    []tunedParam    `json:"params"`
	Tunings   []tunedStrategy `json:"tunings"`
}

type tunedParam struct {
	Path string `json:"path"`
	From string `json:"from"`
	To   string `json:"to"`
	Log  bool   `json:"log,omitempty"`
	Now  string `json:"now,omitempty"` // in the scenario
}

// tunedStrategy is the outcome for one strategy.
type tunedStrategy struct {
	Strategy scenarios.Strategy `json:"strategy"`
	Finding  string             `json:"finding"`
	// Feasible says that Best keeps the constraints; otherwise it is the
	// setting that comes nearest to it.
	Feasible bool          `json:"feasible"`
	Best     tunedSetting  `json:"best"`
	Now      *tunedSetting `json:"now,omitempty"`
	// Flat is where the metric is within 5 % of the best, for each field.
	Flat []tunedParam `json:"flat,omitempty"`
	// Beyond is the nearest setting that would be better but for a constraint.
	Beyond *tunedSetting `json:"beyond,omitempty"`
	// AtEnd names the fields whose best value is an end of the range.
	AtEnd []string `json:"at_end,omitempty"`
	// Noise says that the search ended where seeds differ more than settings.
	Noise    bool           `json:"noise,omitempty"`
	Settings []tunedSetting `json:"settings"`
}

type tunedSetting struct {
	Values map[string]string `json:"values"`
	Value  *float64          `json:"value,omitempty"` // of the metric, if it was measured
	CI95   float64           `json:"ci95,omitempty"`
	Broken []tunedBreach     `json:"broken,omitempty"`
	Digest string            `json:"digest"`
}

type tunedBreach struct {
	Constraint string `json:"constraint"`
	Reason     string `json:"reason"`
}

// reportTuning writes the outcome into the folder and prints it.
func (p *process) reportTuning(f *tuneFlags, name string, s *scenarios.Scenario, tunings []*tuning) error {
	seed := f.options(s).Seed
	report := &tuningReport{
		Schema: tuningSchema, Version: result.MadeBy(version()), Scenario: s.Name, Command: reproduceTuning(f, name, seed),
		Seed: seed, Seeds: f.seeds, Metric: f.metric(), Goal: "minimize", SubjectTo: f.subjectTo,
	}
	if f.maximize != "" {
		report.Goal = "maximize"
	}
	for _, param := range tunings[0].params {
		report.Params = append(report.Params, tunedParam{param.path, param.at(0).Text, param.at(1).Text, param.log, param.now.Text})
	}
	var files []file
	for _, t := range tunings {
		drawn := t.chart(f, s)
		report.Tunings = append(report.Tunings, t.outcome(drawn.Finding()))
		scene := figure.Layout(drawn.Figure())
		for _, format := range f.pictures {
			data, err := scene.Encode(format)
			if err != nil {
				return err
			}
			files = append(files, file{filepath.Join(f.out, fmt.Sprintf("%s.tune.%s.%s.%s", s.Name, t.strategy, f.metric(), format)), data})
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return err
	}
	files = append(files, file{filepath.Join(f.out, s.Name+".tune.json"), b.Bytes()})
	if err := writeFiles(files, true); err != nil {
		return err
	}
	switch {
	case f.quiet:
	case f.format == "json":
		p.stdout.Write(b.Bytes())
	default:
		colours := p.colours()
		for i, t := range tunings {
			fmt.Fprintf(p.stdout, "%s\n\n%s\n\n", colours.bold(report.Tunings[i].Finding), t.summary(f, name))
			fmt.Fprintf(p.stdout, "%s\n\n", t.table(f, colours))
		}
		for _, file := range files {
			fmt.Fprintln(p.stdout, file.path)
		}
		fmt.Fprintln(p.stdout, colours.faint("reproduce: "+report.Command))
	}
	return infeasible(tunings, report)
}

// infeasible is an error if no setting keeps the constraints.
func infeasible(tunings []*tuning, report *tuningReport) error {
	var lines []string
	for i, t := range tunings {
		if t.best.feasible() {
			continue
		}
		line := report.Tunings[i].Finding
		for _, b := range t.best.broken {
			line += fmt.Sprintf("\n✗ %s: %s (%s)", t.best.label, t.brief(b.constraint), t.brief(b.reason))
		}
		lines = append(lines, line)
	}
	if lines == nil {
		return nil
	}
	return &exit{exitExpectation, strings.Join(lines, "\n") + "\nwiden the range of --param, or relax --subject-to"}
}

// outcome is the search as JSON has it.
func (t *tuning) outcome(finding string) tunedStrategy {
	o := tunedStrategy{Strategy: t.strategy, Finding: finding, Feasible: t.best.feasible(), Best: t.written(t.best), Noise: t.noisy}
	for _, s := range t.sorted() {
		o.Settings = append(o.Settings, t.written(s))
	}
	if t.now != nil {
		now := t.written(t.find(t.now.label))
		o.Now = &now
	}
	if beyond := t.beyond(); beyond != nil {
		written := t.written(beyond)
		o.Beyond = &written
	}
	if o.Feasible {
		o.AtEnd = t.atEnd()
		for k, span := range t.flat() {
			o.Flat = append(o.Flat, tunedParam{Path: t.params[k].path, From: span.From.Text, To: span.To.Text})
		}
	}
	return o
}

func (t *tuning) written(s *setting) tunedSetting {
	w := tunedSetting{Values: map[string]string{}, CI95: s.ci95, Digest: s.digest}
	for k, v := range s.values {
		w.Values[t.params[k].path] = v.Text
	}
	if s.measured {
		w.Value = &s.value
	}
	for _, b := range s.broken {
		w.Broken = append(w.Broken, tunedBreach{b.constraint, b.reason})
	}
	return w
}

// figure is the metric of a setting as people read it.
func (t *tuning) figure(f *tuneFlags, s *setting) string {
	if !s.measured {
		return "not measured"
	}
	m, _ := scenarios.MetricNamed(f.metric())
	var values []float64
	for _, other := range t.tried { // all of them in one unit
		if other.measured {
			values = append(values, other.value)
		}
	}
	scale := result.ScaleFor(m.Unit, values...)
	scale.Decimals = min(scale.Decimals, 2)
	if s.ci95 == 0 {
		return scale.Format(s.value)
	}
	return scale.Number(s.value) + " ± " + scale.Format(s.ci95)
}

// summary says in a few lines what was found and how sure it is.
func (t *tuning) summary(f *tuneFlags, name string) string {
	var lines []string
	say := func(what, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("  %-13s ", what)+fmt.Sprintf(format, args...))
	}
	best := "best"
	if !t.best.feasible() {
		best = "nearest"
	}
	say(best, "%s: %s %s", t.best.label, f.metric(), t.figure(f, t.best))
	if t.now != nil {
		now := t.find(t.now.label)
		keeps := ""
		for _, b := range now.broken {
			keeps += ", breaks " + t.brief(b.constraint)
		}
		say("as it stands", "%s: %s%s", now.label, t.figure(f, now), keeps)
	}
	if t.best.feasible() {
		for k, span := range t.flat() {
			say("within 5 %", "%s %s", t.params[k].path, span)
		}
		if beyond := t.beyond(); beyond != nil {
			b := beyond.broken[0]
			say("binds", "%s: %s would give %s, but %s", t.brief(b.constraint), beyond.label, t.figure(f, beyond), t.brief(b.reason))
		} else if len(t.constraints) > 0 {
			say("binds", "no constraint")
		}
		for _, path := range t.atEnd() {
			say("mind", "%s is best at the end of its range: a wider one may have better", path)
		}
	}
	ending := "to within " + t.resolution()
	if t.noisy {
		ending = "until the seeds differed more than the settings"
	}
	seeds := "one seed"
	if f.seeds > 1 {
		seeds = fmt.Sprintf("the same %d seeds", f.seeds)
	}
	say("searched", "%s with %s, %s", plural(len(t.tried), "setting"), seeds, ending)
	command := []string{"protosim run", quote(name)}
	for k, v := range t.best.values {
		command = append(command, "--set", quote(t.params[k].path+"="+v.Text))
	}
	say("see it by", "%s", strings.Join(command, " "))
	return strings.Join(lines, "\n")
}

// plural writes a number of things.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// resolution is how far from the best value the next that was tried is.
func (t *tuning) resolution() string {
	var parts []string
	for k, p := range t.params {
		least := ""
		closest := 2.0
		for _, s := range t.tried {
			if !t.within(s) || s.values[k].Text == t.best.values[k].Text {
				continue
			}
			d := p.share(s.values[k].Number) - p.share(t.best.values[k].Number)
			if d < 0 {
				d = -d
			}
			if d < closest {
				away := s.values[k].Number - t.best.values[k].Number
				if away < 0 {
					away = -away
				}
				closest, least = d, p.text(away)
			}
		}
		if least != "" {
			parts = append(parts, least)
		}
	}
	return strings.Join(parts, " and ")
}

// table lists every setting that was tried, and what the constraints compare.
func (t *tuning) table(f *tuneFlags, paint colours) string {
	w := newTable()
	var header table.Row
	var columns []table.ColumnConfig
	for _, p := range t.params {
		header = append(header, p.path)
	}
	header = append(header, f.metric(), "")
	for i := range header[:len(header)-1] {
		columns = append(columns, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	w.AppendHeader(header)
	w.SetColumnConfigs(columns)
	for _, s := range t.sorted() {
		var row table.Row
		for _, v := range s.values {
			row = append(row, v.Text)
		}
		note := ""
		if s == t.best && s.feasible() {
			note = paint.green(bestMark + " best")
		} else if s == t.best {
			note = "nearest"
		}
		for _, b := range s.broken {
			note = strings.TrimPrefix(note+", ", ", ") + paint.red("✗") + " " + t.brief(b.reason)
		}
		w.AppendRow(append(row, t.figure(f, s), note))
	}
	return w.Render()
}
