// The verdict is what the page needs of a result beyond its table, and loads after
// the first run: how the scenario's expectations came out, and the charts.
package main

import (
	"os"
	"runtime/debug"

	"protosim/model/result"
	"protosim/viz/chart"
	"protosim/viz/figure"
	"protosim/wasm/requests"
)

func main() { answer() }

// answer answers the one request that standard input has.
//
//go:wasmexport answer
func answer() {
	debug.SetGCPercent(200)
	requests.Answer(os.Stdin, os.Stdout, map[string]requests.Handler{"verdict": judge})
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
	// Clocks are the plots that have the time of the run from left to right.
	Clocks []clock `json:"clocks"`
}

// clock is where a plot stands, in shares of the picture's width and height, and
// which time it shows.
type clock struct {
	Left   float64 `json:"left"`
	Top    float64 `json:"top"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
	FromMS float64 `json:"from_ms"`
	ToMS   float64 `json:"to_ms"`
}

// judge judges the expectations and draws the charts.
func judge(request []byte, out *requests.Frames) error {
	res, err := requests.Join(request)
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
	return out.JSON(requests.KindVerdict, v)
}

// draw draws one chart.
func draw(k chart.Kind, res *result.Result) picture {
	f := k.Figure(res)
	p := picture{Kind: k.Name, Finding: f.Title, About: f.Subtitle, Inks: map[string][2]string{}, Clocks: []clock{}}
	f.Title, f.Subtitle, f.Notes = "", "", nil // the page has them
	scene := figure.Layout(f)
	scene.Title = p.Finding
	p.SVG = string(scene.InlineSVG("chart-" + k.Name))
	for _, ink := range scene.Inks() {
		p.Inks[ink.Light.Variable()] = [2]string{ink.Light.Hex(), ink.Dark.Hex()}
	}
	for _, c := range scene.Clocks {
		p.Clocks = append(p.Clocks, clock{
			Left: c.Area.X0 / scene.Width, Top: c.Area.Y0 / scene.Height, Width: c.Area.W() / scene.Width, Height: c.Area.H() / scene.Height,
			FromMS: c.From, ToMS: c.To,
		})
	}
	return p
}
