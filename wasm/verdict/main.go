// The verdict is what the page shows of a result beyond its table, as a program
// for GOOS=wasip1 that the page loads after the first run: how the scenario's
// expectations came out, and the charts. It reads a result from standard input
// and writes a Verdict, both JSON.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"protosim/model/result"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

func main() {
	debug.SetGCPercent(400)
	if err := answer(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "verdict:", err)
		os.Exit(1)
	}
}

// verdict is what is to be shown.
type verdict struct {
	Expectations []result.Expectation `json:"expectations"`
	Charts       []picture            `json:"charts"`
}

// picture is a chart.
type picture struct {
	Kind    string `json:"kind"`
	Finding string `json:"finding"` // its heading, which states what the numbers say
	About   string `json:"about"`
	SVG     string `json:"svg"` // in colours of CSS variables
	// Inks are these variables with their colours on a light and a dark page.
	Inks map[string][2]string `json:"inks"`
}

func answer(in io.Reader, out io.Writer) error {
	res, err := result.Read(in)
	if err != nil {
		return err
	}
	if err := res.Judge(); err != nil {
		return err
	}
	v := verdict{Expectations: res.Expectations, Charts: []picture{}}
	for _, k := range chart.Kinds() {
		if k.Name == "scoreboard" || k.Needs(res) != nil {
			continue // the page has a table
		}
		v.Charts = append(v.Charts, draw(k, res))
	}
	return json.NewEncoder(out).Encode(v)
}

// draw draws one chart.
func draw(k chart.Kind, res *result.Result) picture {
	f := k.Figure(res)
	p := picture{Kind: k.Name, Finding: f.Title, About: f.Subtitle, Inks: map[string][2]string{}}
	f.Title, f.Notes = "", nil // the page has them
	scene := figure.Layout(f)
	scene.Title = p.Finding
	p.SVG = string(scene.InlineSVG("chart-" + k.Name))
	for _, ink := range scene.Inks() {
		p.Inks[ink.Light.Variable()] = [2]string{ink.Light.Hex(), ink.Dark.Hex()}
	}
	return p
}
