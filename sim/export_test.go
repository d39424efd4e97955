package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// tiny is a page load that takes no time to simulate.
const tiny = `name: tiny
strategies: [http1, websocket]
clients: {count: 2}
page: {resources: [{name: objects, count: 3, size: 2kB}]}
`

// filesIn returns the names of all files of a folder, hidden ones too.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Every format is written for every strategy, and for every host that is asked for.
func TestExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	o := protosimWith(t, world.Simulate, "", "export", write(t, "tiny.yaml", tiny),
		"--as", "pcapng,har,trace,ndjson,csv", "--host", "client-1,www,client-1", "--out", dir)
	want := []string{
		"tiny.http1.client-1.har", "tiny.http1.client-1.pcapng", "tiny.http1.ndjson", "tiny.http1.trace.json", "tiny.http1.www.pcapng",
		"tiny.series.csv",
		"tiny.websocket.client-1.har", "tiny.websocket.client-1.pcapng", "tiny.websocket.ndjson", "tiny.websocket.trace.json", "tiny.websocket.www.pcapng",
	}
	if got := filesIn(t, dir); o.code != exitOK || !slices.Equal(got, want) {
		t.Fatalf("code %d, files %v, %s", o.code, got, o.stderr)
	}
	printed := strings.Fields(o.stdout)
	slices.Sort(printed)
	for i, name := range want {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Size() < 200 || info.Mode().Perm()&0o444 != 0o444 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		if i >= len(printed) || printed[i] != filepath.Join(dir, name) {
			t.Errorf("printed %q", printed)
		}
	}
	if o := protosimWith(t, world.Simulate, "", "export", write(t, "tiny.yaml", tiny), "--as", "ndjson", "--out", dir, "--force", "-q"); o.code != exitOK || o.stdout != "" {
		t.Errorf("--force -q: code %d, %s%s", o.code, o.stdout, o.stderr)
	}
}

// The text formats are the same every time.
func TestExportIsDeterministic(t *testing.T) {
	var first map[string]string
	for range 2 {
		dir := t.TempDir()
		if o := protosimWith(t, world.Simulate, "", "export", write(t, "tiny.yaml", tiny), "--as", "har,trace,ndjson,csv", "--out", dir); o.code != exitOK {
			t.Fatal(o.stderr)
		}
		files := map[string]string{}
		for _, name := range filesIn(t, dir) {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(text)
		}
		if first == nil {
			first = files
		}
		for name, text := range first {
			if files[name] != text {
				t.Errorf("%s differs the second time", name)
			}
		}
	}
}

// Nothing is overwritten without being asked, and that is found before
// anything is simulated.
func TestExportOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "tiny.websocket.ndjson")
	if err := os.WriteFile(there, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	never := func(context.Context, *scenarios.Scenario, world.Options) (*result.Result, error) {
		t.Error("it was simulated")
		return nil, nil
	}
	o := protosimWith(t, never, "", "export", write(t, "tiny.yaml", tiny), "--as", "ndjson", "--out", dir)
	text, err := os.ReadFile(there)
	if o.code != exitInput || !strings.Contains(o.stderr, there+" exists\n") || !strings.Contains(o.stderr, "--force") || string(text) != "mine" || err != nil {
		t.Errorf("code %d, %s: %s", o.code, o.stderr, text)
	}
	if files := filesIn(t, dir); len(files) != 1 {
		t.Errorf("files %v", files)
	}
}

// A simulation that fails, or is interrupted, leaves no file, and replaces none.
func TestExportWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "tiny.http1.ndjson")
	if err := os.WriteFile(there, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	broken := func(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
		if _, err := world.Simulate(ctx, s, opt); err != nil {
			return nil, err
		}
		panic("after all has been written")
	}
	o := protosimWith(t, broken, "", "export", write(t, "tiny.yaml", tiny), "--as", "pcapng,har,trace,ndjson", "--out", dir, "--force")
	text, err := os.ReadFile(there)
	if o.code != exitBug || string(text) != "old" || err != nil {
		t.Errorf("code %d, %s: %s", o.code, o.stderr, text)
	}
	if files := filesIn(t, dir); len(files) != 1 {
		t.Errorf("files %v", files)
	}
}

// A strategy that keeps nothing in the store has no capture of it.
func TestExportOfHostsThatThereAre(t *testing.T) {
	dir := t.TempDir()
	o := protosimWith(t, world.Simulate, "", "export", "shared-sessions", "--as", "pcapng", "--host", "store,www-3", "--out", dir, "--strategy", "http1",
		"--set", "clients.count=1", "--set", "duration=5s", "--set", "faults=[]", "--set", "expect=[]")
	want := []string{"shared-sessions.http1.store.pcapng", "shared-sessions.http1.www-3.pcapng"}
	if got := filesIn(t, dir); o.code != exitOK || !slices.Equal(got, want) {
		t.Errorf("code %d, files %v, %s", o.code, got, o.stderr)
	}
}

// The page loads that are exported are a scenario again when they are imported.
func TestExportedPageIsImported(t *testing.T) {
	dir := t.TempDir()
	o := protosimWith(t, world.Simulate, "", "export", write(t, "tiny.yaml", tiny), "--as", "har", "--strategy", "http1", "--out", dir)
	if o.code != exitOK {
		t.Fatal(o.stderr)
	}
	o = protosim(t, "import", "har", filepath.Join(dir, "tiny.http1.client-1.har"))
	s, err := scenarios.Parse("imported.yaml", []byte(o.stdout))
	if o.code != exitOK || err != nil {
		t.Fatal(o.stderr, err)
	}
	objects := 0
	for _, r := range s.Page.Resources {
		objects += r.Count
	}
	if objects != 3 || !strings.Contains(o.stdout, "size: 2kB") {
		t.Errorf("%d objects came back:\n%s", objects, o.stdout)
	}
}
