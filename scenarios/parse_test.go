package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"protosim/scenarios"
)

func TestParseFillsInDefaults(t *testing.T) {
	s, err := scenarios.Parse("x.yaml", []byte("name: x\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := scenarios.Default()
	want.Name = "x"
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

func TestParseReadsEveryNotation(t *testing.T) {
	s, err := scenarios.Parse("x.yaml", []byte(`
name: x
strategies: [http2, websocket]
duration: 10s
network:
  rtt: 0
  up: {bandwidth: 5Mbps, loss: 1%}
  down: {bandwidth: 20Mbps, loss: 0.01}
tls: {enabled: true, resumption: false}
clients:
  think: {uniform: {min: 1s, max: 3s}}
page:
  resources:
    - name: a
      size: {lognormal: {median: 12kB, p99: 200kB}}
    - {name: b, after: [a], size: {list: [1kB, 871, 2KiB]}, count: 3, method: POST, body: 2kB}
    - {name: c, size: {pareto: {min: 2kB, alpha: 1.3, max: 2MB}}, service_time: {exponential: {mean: 9ms}}}
expect:
  - http2.page_load_ms.p50 < websocket.page_load_ms.p50
`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Network.RTT != 0 {
		t.Errorf("an explicit rtt of 0 became %s", s.Network.RTT)
	}
	if s.Network.Up.Loss != s.Network.Down.Loss {
		t.Errorf("1%% is %v, 0.01 is %v", s.Network.Up.Loss, s.Network.Down.Loss)
	}
	if *s.TLS.Resumption {
		t.Error("resumption: false became true")
	}
	if s.Clients.Timeout != s.Duration {
		t.Errorf("the default timeout of %s is not cut to the duration", s.Clients.Timeout)
	}
	b := s.Page.Resources[1]
	if want := (scenarios.SizeDist{Shape: scenarios.Listed, Values: []scenarios.Size{1000, 871, 2048}}); !reflect.DeepEqual(b.Size, want) {
		t.Errorf("size %v, want %v", b.Size, want)
	}
	if b.Path != "/b" || b.Host != "www" || b.Count != 3 {
		t.Errorf("resource b is %+v", b)
	}
}

// Every mistake is a file in testdata/mistakes; the error it must give follows
// the marker.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no mistakes found: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			const marker = "\n=== error\n"
			text, want, _ := strings.Cut(string(data), marker)
			var overrides []scenarios.Override
			text, sets, _ := strings.Cut(text, "\n=== set\n")
			for set := range strings.Lines(sets) {
				o, err := scenarios.ParseOverride(strings.TrimSpace(set))
				if err != nil {
					t.Fatal(err)
				}
				overrides = append(overrides, o)
			}
			_, err = scenarios.Parse(name+".yaml", []byte(text), overrides...)
			var typed *scenarios.Error
			if !errors.As(err, &typed) {
				t.Fatalf("got %T %v, want an *Error", err, err)
			}
			if *update {
				if err := os.WriteFile(file, []byte(string(data[:len(data)-len(want)])+cutOr(string(data), marker, typed.Error())), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got := typed.Error() + "\n"; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// cutOr returns what to append to data so that it ends with the error.
func cutOr(data, marker, text string) string {
	if strings.Contains(data, marker) {
		return text + "\n"
	}
	return marker + text + "\n"
}

func TestHostileInputs(t *testing.T) {
	for name, text := range map[string]string{
		"empty":            "",
		"only a comment":   "# nothing\n",
		"not UTF-8":        "name: \xff\xfe\n",
		"NUL":              "name: a\x00b\n",
		"a list":           "- name: x\n",
		"a word":           "hello\n",
		"deep flow":        "name: " + strings.Repeat("[", 100_000),
		"deep mappings":    strings.Repeat("{a: ", 50_000),
		"deep list":        strings.Repeat("- ", 50_000),
		"deep keys":        strings.Repeat("? ", 50_000),
		"too large":        "name: x\n" + strings.Repeat("#", 1_000_000),
		"a long line":      "name: " + strings.Repeat("x", 900_000),
		"many keys":        strings.Repeat("name: x\n", 100_000),
		"alias bomb":       "a: &a [x,x]\nb: &b [*a,*a]\nname: *b\n",
		"merge":            "a: &a {x: 1}\nb:\n  <<: *a\n",
		"tag":              "name: !!binary aGk=\n",
		"two documents":    "name: a\n---\nname: b\n",
		"directive":        "%YAML 1.2\n---\nname: a\n",
		"terminal escapes": "name: \"\\e[31mred\"\n",
		"unclosed":         "name: \"x\n",
		"tab":              "name: x\nnetwork:\n\trtt: 1ms\n",
		"huge number":      "name: x\nclients: {count: 99999999999999999999999999}\n",
		"not a number":     "name: x\nnetwork: {up: {loss: .nan}}\n",
		"infinite":         "name: x\nnetwork: {up: {loss: .inf}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := scenarios.Parse("x.yaml", []byte(text))
			var typed *scenarios.Error
			if !errors.As(err, &typed) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if message := err.Error(); len(message) > 2000 || strings.ContainsAny(message, "\x1b\x00") {
				t.Errorf("unfit for a terminal: %.3000q", message)
			}
		})
	}
}
