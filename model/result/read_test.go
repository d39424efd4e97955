package result_test

import (
	"fmt"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

func TestReadGivesWhatWasWritten(t *testing.T) {
	for _, r := range []*result.Result{sample(), replicated()} {
		text := written(t, r)
		back, err := result.Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if again := written(t, back); again != text {
			t.Errorf("after reading and writing again:\n%s\nwas\n%s", again, text)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	text := written(t, replicated())
	edit := func(old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("nothing to edit: no %q in\n%s", old, text)
		}
		return strings.Replace(text, old, new, 1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "result: the file is empty"},
		"cut off":       {text[:len(text)/2], "result: the file is cut off after"},
		"not JSON":      {edit(`"seed": 1,`, `"seed": 1;`), fmt.Sprintf("result: line %d is not JSON: invalid character ';'", lineOf(text, `"seed": 1,`))},
		"another":       {edit("protosim.result/1", "protosim.result/2"), `result: schema: "protosim.result/2", but this protosim reads "protosim.result/1"`},
		"no schema":     {"{}", "result: schema: missing"},
		"an array":      {"[" + text + "]", "result: the whole: of the wrong type, array"},
		"two":           {text + text, `result: there is more after the result: "{`},
		"unknown field": {edit(`"fidelity"`, `"fidelty"`), `result: unknown field "fidelty"`},
		"wrong type":    {edit(`"connections.opened": 6`, `"connections.opened": "6"`), "result: runs.metrics: of the wrong type, string"},
		"edited mean":   {edit(`"page_load_ms.p50": 110`, `"page_load_ms.p50": 10`), `result: runs[0].metrics["page_load_ms.p50"]: 10, but its replicates give 110`},
		"edited digest": {edit(`"digest": "b0"`, `"digest": "c0"`), "result: runs[1].digest:"},
		"edited series": {edit(`"values": [6, 0.5, 0]`, `"values": [6, 0.75, 0]`), "result: sum: not that of the content"},
		"edited seed":   {edit(`"seed": 1,`, `"seed": 2,`), "result: sum: not that of the content"},
		"no sum":        {edit(`"sum": "`, `"sum": "", "x": "`), `result: unknown field "x"`},
		"no digest":     {edit(`"digest": "b0"`, `"digest": ""`), "result: replicates[0].runs[1].digest: missing"},
	} {
		r, err := result.Read(strings.NewReader(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %s", name, err, c.want)
		}
		if r != nil {
			t.Errorf("%s: a result in spite of the error", name)
		}
	}
}

// A result of one seed that was edited is refused, by the name of the field
// where another says otherwise, and by its sum in any case.
func TestReadRefusesEditedNumbers(t *testing.T) {
	r := sample()
	r.Scenario.Strategies = []scenarios.Strategy{"http1", "http2"}
	if err := r.Judge(); err != nil {
		t.Fatal(err)
	}
	r.Runs[0].Distributions = []result.Distribution{{Name: "page_load_ms", Count: 3, Shares: []float64{0, .5, 1}, Values: []float64{1000, 1885, 2000}}}
	text := written(t, r)
	for want, edit := range map[string][2]string{
		`runs[0].metrics["page_load_ms.p50"]: 18, but distributions[0] has 1885`:                               {`"page_load_ms.p50": 1885`, `"page_load_ms.p50": 18`},
		`runs[0].metrics["page_load_ms.p50"]: 1885, but distributions[0] has 1886`:                             {`1000, 1885, 2000`, `1000, 1886, 2000`},
		"expectations[0].held: false, but the metrics say otherwise: http2.page_load_ms.p50 = 205, http1.page": {`"held": true`, `"held": false`},
		`expectations[0].expr: "http2.page_load_ms.p50 < 1", but the scenario has`:                             {`"expr": "http2.page_load_ms.p50 < http1.page_load_ms.p50"`, `"expr": "http2.page_load_ms.p50 < 1"`},
		"sum: not that of the content": {`"connections.opened": 6`, `"connections.opened": 5`},
		"sum: missing":                 {`,` + "\n" + `  "sum": "` + text[strings.LastIndex(text, `: "`)+3:len(text)-4] + `"`, ""},
	} {
		if !strings.Contains(text, edit[0]) {
			t.Fatalf("nothing to edit: no %s", edit[0])
		}
		_, err := result.Read(strings.NewReader(strings.Replace(text, edit[0], edit[1], 1)))
		if err == nil || !strings.HasPrefix(err.Error(), "result: "+want) {
			t.Errorf("%v: %v, want %s", edit, err, want)
		}
	}
	// How it is laid out does not matter, nor what a later version adds.
	if _, err := result.Read(strings.NewReader(strings.ReplaceAll(text, "\n  ", "\n\t "))); err != nil {
		t.Error(err)
	}
}

// lineOf is the line, from 1 on, where part first occurs in text.
func lineOf(text, part string) int {
	before, _, _ := strings.Cut(text, part)
	return 1 + strings.Count(before, "\n")
}
