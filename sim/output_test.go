package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"protosim/model/result"
)

func TestOutWritesThreeFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "out")
	if o := protosim(t, "run", "page-load", "page-load-tls", "--out", dir, "--quiet", "--set", "expect=[]"); o.code != exitOK || o.stdout+o.stderr != "" {
		t.Fatalf("code %d, stdout %s, stderr %s", o.code, o.stdout, o.stderr)
	}
	var got []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	want := []string{
		"page-load-tls.json", "page-load-tls.metrics.csv", "page-load-tls.series.csv",
		"page-load.json", "page-load.metrics.csv", "page-load.series.csv",
	}
	if !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	f, err := os.Open(filepath.Join(dir, "page-load.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := result.Read(f); err != nil {
		t.Error(err)
	}
}

// A result that cannot be written leaves what is there as it was.
func TestStoreClobbersNothing(t *testing.T) {
	path := t.TempDir()
	for _, name := range []string{"small.json", "small.metrics.csv", "small.series.csv"} {
		if err := os.WriteFile(filepath.Join(path, name), []byte("precious"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := openFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	o := protosimWith(t, fake, small, "run", "-", "--format", "json", "--set", "expect=[]")
	r, err := result.Read(strings.NewReader(o.stdout))
	if err != nil {
		t.Fatal(err)
	}
	r.Runs[1].Digest = "" // not a result that may be stored
	if err := dir.store(r); err == nil {
		t.Fatal("no error")
	}
	entries, err := os.ReadDir(path)
	if err != nil || len(entries) != 3 {
		t.Errorf("%d files, error %v", len(entries), err)
	}
	for _, e := range entries {
		if data, _ := os.ReadFile(filepath.Join(path, e.Name())); string(data) != "precious" {
			t.Errorf("%s is now %.20q", e.Name(), data)
		}
	}
}

func TestOutReplacesOlderResults(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "page-load.json"), []byte("older"), 0o666); err != nil {
		t.Fatal(err)
	}
	protosim(t, "run", "page-load", "--out", dir, "--quiet")
	if data, _ := os.ReadFile(filepath.Join(dir, "page-load.json")); !strings.HasPrefix(string(data), "{") {
		t.Errorf("it is still %.20q", data)
	}
}
