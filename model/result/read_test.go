package result_test

import (
	"fmt"
	"strings"
	"testing"

	"protosim/model/result"
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

// lineOf is the line, from 1 on, where part first occurs in text.
func lineOf(text, part string) int {
	before, _, _ := strings.Cut(text, part)
	return 1 + strings.Count(before, "\n")
}
