package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
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
	dir, err := openFolder("--out", path)
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

// A result of the same scenario is replaced by the next run, with its tables
// and pictures. What protosim did not write is not, unless by --force; nothing is
// simulated before.
func TestOutReplacesOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	simulated := 0
	run := func(more ...string) outcome {
		return protosimWith(t, func(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
			simulated++
			return fake(ctx, s, opt)
		}, "", append([]string{"run", "page-load", "--set", "expect=[]", "--quiet", "--out", dir}, more...)...)
	}
	path := filepath.Join(dir, "page-load.json")
	for i, more := range [][]string{{"--plots"}, {"--plots"}, {"--seed", "7"}} {
		if o := run(more...); o.code != exitOK || simulated != i+1 {
			t.Fatalf("run %d: code %d, %s", i+1, o.code, o.stderr)
		}
	}
	good, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(good), `"seed": 7`) {
		t.Errorf("%v, not the last result: %.60s", err, good)
	}
	for name, c := range map[string]struct{ file, text, want string }{
		"a file of mine":   {"page-load.json", "precious", "is not a result as protosim writes it"},
		"an edited result": {"page-load.json", strings.Replace(string(good), `"seed": 7`, `"seed": 8`, 1), "is not a result as protosim writes it"},
		"another scenario": {"page-load.json", written(t, "small", good), "is a result of another scenario"},
		"a partial result": {"page-load.partial.json", "precious", "is not a result as protosim writes it"},
		"a table of mine":  {"page-load.series.csv", "precious", "exists, without a result that it could be of"},
		"a picture":        {"page-load.scoreboard.png", "precious", "exists, without a result that it could be of"},
	} {
		t.Run(name, func(t *testing.T) {
			dir = t.TempDir()
			mine := filepath.Join(dir, c.file)
			if err := os.WriteFile(mine, []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
			simulated = 0
			var more []string
			if filepath.Ext(c.file) == ".png" {
				more = []string{"--plots"}
			}
			if o := run(more...); o.code != exitInput || !strings.Contains(o.stderr, mine+" ") || !strings.Contains(o.stderr, c.want+"\nnothing was written; --force overwrites") || simulated > 0 {
				t.Errorf("code %d, %d simulated, %s", o.code, simulated, o.stderr)
			}
			if left, _ := os.ReadFile(mine); string(left) != c.text {
				t.Errorf("it is now %.20q", left)
			}
			if o := run(append(more, "--force")...); o.code != exitOK {
				t.Errorf("with --force: %s", o.stderr)
			}
		})
	}
	// Results of versions that wrote no sum are protosim's own, too.
	dir = t.TempDir()
	older := regexp.MustCompile(`,\n  "sum": "[0-9a-f]*"`).ReplaceAll(good, nil)
	if err := os.WriteFile(filepath.Join(dir, "page-load.json"), older, 0o666); err != nil {
		t.Fatal(err)
	}
	if o := run(); o.code != exitOK {
		t.Errorf("an older result: %s", o.stderr)
	}
}

// A folder where a file is to be is found before the simulation, and none of
// the other files is written.
func TestOutFindsAFolderInTheWay(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "page-load.series.csv"), 0o777); err != nil {
		t.Fatal(err)
	}
	simulated := func(context.Context, *scenarios.Scenario, world.Options) (*result.Result, error) {
		t.Error("it was simulated")
		return nil, errors.New("simulated")
	}
	o := protosimWith(t, simulated, "", "run", "page-load", "--out", dir)
	if o.code != exitInput || !strings.Contains(o.stderr, "page-load.series.csv: it is a folder\nnothing was written") {
		t.Errorf("code %d, stderr %s", o.code, o.stderr)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%d files, error %v", len(entries), err)
	}
}

// Of several files none is replaced if one cannot be.
func TestWriteFilesAllOrNone(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.WriteFile(first, []byte("precious"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(second, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := writeFiles([]file{{first, []byte("new")}, {second, []byte("new")}}, true); codeOf(err) != exitInput {
		t.Errorf("error %v", err)
	}
	if data, _ := os.ReadFile(first); string(data) != "precious" {
		t.Errorf("the first is now %q", data)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("files are left: %v", entries)
	}
}

// full is a device without room.
type full struct{ written int }

func (f *full) Write(p []byte) (int, error) {
	f.written++
	return 0, &os.PathError{Op: "write", Path: "/dev/full", Err: syscall.ENOSPC}
}

// What is printed and cannot be written ends the command with an error,
// whatever prints it.
func TestStandardOutputIsFull(t *testing.T) {
	for _, args := range [][]string{
		{"list"},
		{"list", "--format", "json"},
		{"run", "page-load", "--set", "expect=[]"},
		{"run", "page-load", "--set", "expect=[]", "--format", "json"},
		{"run", "page-load", "--set", "expect=[]", "--format", "csv"},
		{"show", "page-load"},
		{"schema"},
		{"version"},
		{"--help"},
	} {
		var stderr bytes.Buffer
		p := &process{stdin: strings.NewReader(""), stdout: &full{}, stderr: &stderr, env: func(string) string { return "" }, simulate: fake}
		if code := p.main(args); code != exitInput || stderr.String() != "protosim: cannot write to standard output: no space left on device\nwhat it was given ends too early; send it to where there is room\n" {
			t.Errorf("%v: code %d, stderr %s", args, code, &stderr)
		}
	}
}

// written is a result under another name.
func written(t *testing.T, name string, text []byte) string {
	t.Helper()
	r, err := result.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Scenario.Name = name
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
