package scenarios_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"protosim/scenarios"
)

// Each browser's HAR is testdata/har/NAME.har, what becomes of it NAME.yaml.
func TestImportHAR(t *testing.T) {
	for _, browser := range []string{"chrome", "firefox", "safari"} {
		t.Run(browser, func(t *testing.T) {
			file := filepath.Join("testdata", "har", browser)
			har, err := os.ReadFile(file + ".har")
			if err != nil {
				t.Fatal(err)
			}
			s, notes, err := scenarios.ImportHAR(bytes.NewReader(har), scenarios.HAROptions{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := scenarios.MarshalBrief(s)
			if err != nil {
				t.Fatal(err)
			}
			for _, note := range notes {
				got = append(got, "# "+note+"\n"...)
			}
			if *update {
				if err := os.WriteFile(file+".yaml", got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			back, err := scenarios.Parse(file, got)
			if err != nil || !reflect.DeepEqual(back, s) {
				t.Errorf("written and read again: %v\n%+v\n%+v", err, back, s)
			}
		})
	}
}

func TestImportHARKeepsNoSecrets(t *testing.T) {
	har, err := os.ReadFile("testdata/har/chrome.har")
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := scenarios.ImportHAR(bytes.NewReader(har), scenarios.HAROptions{})
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := scenarios.Marshal(s); strings.Contains(string(text), "s3cret") {
		t.Error("the query of a URL went into the scenario")
	}
}

func TestImportHAROfOnePage(t *testing.T) {
	har, err := os.ReadFile("testdata/har/firefox.har")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"2", "page_2", "Zwei"} {
		s, _, err := scenarios.ImportHAR(bytes.NewReader(har), scenarios.HAROptions{Page: page, Name: "zwei"})
		if err != nil {
			t.Fatal(err)
		}
		if s.Name != "zwei" || len(s.Page.Resources) != 1 || s.Page.Resources[0].Path != "/zwei" {
			t.Errorf("page %q: %+v", page, s.Page)
		}
	}
	_, _, err = scenarios.ImportHAR(bytes.NewReader(har), scenarios.HAROptions{Page: "page_3"})
	if err == nil || !strings.Contains(err.Error(), `did you mean "page_1"?`) {
		t.Errorf("got %v", err)
	}
}

func TestImportHARRefuses(t *testing.T) {
	whole, err := os.ReadFile("testdata/har/chrome.har")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ text, want string }{
		"empty":        {"", "the HAR is empty"},
		"only a BOM":   {"\ufeff\n", "the HAR is empty"},
		"HTML":         {"<html></html>", "not a JSON object"},
		"a list":       {"[]", "not a HAR"},
		"cut off":      {string(whole[:len(whole)/2]), "cut off"},
		"broken":       {"{\"log\": {\n  oops}}", "line 2, column 3"},
		"other JSON":   {`{"name":"x"}`, `no "log"`},
		"null":         {`{"log":null}`, `no "log"`},
		"version":      {`{"log":{"version":"2.0","entries":[{}]}}`, `version "2.0"`},
		"no entries":   {`{"log":{"version":"1.2"}}`, `no "entries"`},
		"nothing":      {`{"log":{"version":"1.2","entries":[]}}`, "holds no requests"},
		"wrong kind":   {`{"log":{"version":"1.2","entries":"x"}}`, "entries is a string"},
		"empty entry":  {`{"log":{"version":"1.2","entries":[{}]}}`, "went over the network"},
		"only data":    {`{"log":{"entries":[{"request":{"url":"data:,x"}}]}}`, "data: URLs"},
		"only aborted": {`{"log":{"entries":[{"request":{"url":"http://a/"},"response":{"status":0}}]}}`, "aborted"},
		"deep":         {strings.Repeat(`{"log":`, 100_000), "not a HAR"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := scenarios.ImportHAR(strings.NewReader(test.text), scenarios.HAROptions{})
			var typed *scenarios.Error
			if !errors.As(err, &typed) || !strings.Contains(err.Error(), test.want) || typed.Remedy == "" {
				t.Errorf("got %v, want %q and a remedy", err, test.want)
			}
		})
	}
}

// Without initiators the graph follows from the times: what began after
// something was complete may have needed it.
func TestInferredDependenciesAreMinimal(t *testing.T) {
	start := time.Date(2025, 8, 5, 0, 0, 0, 0, time.UTC)
	var entries []string
	for _, e := range []struct {
		name     string
		from, to int
	}{{"root", 0, 100}, {"early", 50, 120}, {"a", 110, 200}, {"b", 111, 300}, {"c", 210, 250}, {"d", 310, 400}} {
		entries = append(entries, fmt.Sprintf(`{"startedDateTime":%q,"time":%d,"request":{"method":"GET","url":"http://x.example/%s.js"},"response":{"status":200,"content":{"size":%d}}}`,
			start.Add(time.Duration(e.from)*time.Millisecond).Format(time.RFC3339Nano), e.to-e.from, e.name, 1000+e.from))
	}
	s, _, err := scenarios.ImportHAR(strings.NewReader(`{"log":{"version":"1.1","entries":[`+strings.Join(entries, ",")+`]}}`), scenarios.HAROptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string][]string)
	for _, r := range s.Page.Resources {
		got[r.Name] = r.After
	}
	want := map[string][]string{
		"root-js": nil,
		"scripts": {"root-js"}, // early and a, which nothing tells apart
		"b-js":    {"root-js"},
		"c-js":    {"scripts"},
		"d-js":    {"b-js", "c-js"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzImportHAR(f *testing.F) {
	for _, browser := range []string{"chrome", "firefox", "safari"} {
		har, err := os.ReadFile(filepath.Join("testdata", "har", browser+".har"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(har, "")
	}
	f.Add([]byte(`{"log":{"entries":[{"startedDateTime":"2025-08-05T09:12:44Z","time":1e308,"request":{"method":"GET","url":"http://[::1]:80/%zz?q"},"response":{"status":200,"bodySize":1e99},"timings":{"connect":1e300,"wait":1e300}}]}}`), "1")
	f.Fuzz(func(t *testing.T, har []byte, page string) {
		s, notes, err := scenarios.ImportHAR(bytes.NewReader(har), scenarios.HAROptions{Page: page})
		if err != nil {
			var typed *scenarios.Error
			if !errors.As(err, &typed) {
				t.Fatalf("%T %v", err, err)
			}
			if s != nil {
				t.Fatal("a scenario together with an error")
			}
			return
		}
		again, notes2, _ := scenarios.ImportHAR(bytes.NewReader(har), scenarios.HAROptions{Page: page})
		if !reflect.DeepEqual(s, again) || !reflect.DeepEqual(notes, notes2) {
			t.Fatal("not deterministic")
		}
		text, err := scenarios.MarshalBrief(s)
		if err != nil {
			t.Fatal(err)
		}
		back, err := scenarios.Parse("imported.yaml", text)
		if err != nil || !reflect.DeepEqual(back, s) {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}
