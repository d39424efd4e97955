package result_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"protosim/model/result"
)

func TestWriteIsReproducible(t *testing.T) {
	first := written(t, replicated())
	for range 20 {
		if again := written(t, replicated()); again != first {
			t.Fatalf("two equal results differ:\n%s\n%s", first, again)
		}
	}
}

func TestWriteIsReadable(t *testing.T) {
	text := written(t, sample())
	for _, line := range []string{
		`  "schema": "protosim.result/1",`,
		`        "connections.opened": 6,`,
		`          "values": [6, 0.5, 0]`,
		`      "http2.page_load_ms.p50 < http1.page_load_ms.p50"`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	if !strings.HasSuffix(text, "}\n") {
		t.Errorf("it does not end in a line of its own: %q", text[len(text)-10:])
	}
}

// However values are laid out, they are the values.
func TestWriteKeepsTheValues(t *testing.T) {
	r := sample()
	r.Scenario.Description = "brackets [\n1,\n2\n] and, commas"
	r.Runs[0].Series[0].Values = []float64{}
	r.Runs[1].Series[0].Values = []float64{-1.5, 1e300, 3}
	want, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Compact(&got, []byte(written(t, r))); err != nil {
		t.Fatal(err)
	}
	unescaped := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(want))
	content, _, _ := strings.Cut(got.String(), `,"sum":`)
	if content+"}" != unescaped {
		t.Errorf("got  %s}\nwant %s", content, unescaped)
	}
}

func TestWriteAll(t *testing.T) {
	for _, results := range [][]*result.Result{nil, {sample()}, {sample(), replicated()}} {
		var buf bytes.Buffer
		if err := result.WriteAll(&buf, results); err != nil {
			t.Fatal(err)
		}
		var elements []json.RawMessage
		if err := json.Unmarshal(buf.Bytes(), &elements); err != nil || len(elements) != len(results) {
			t.Errorf("%d results became %d elements, error %v", len(results), len(elements), err)
		}
	}
}
