//go:build unix

package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is served until Ctrl-C ends cleanly.
func TestServeUntilInterrupted(t *testing.T) {
	p := &process{}
	ctx, stop := p.interruptible()
	defer stop()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- serveUntil(ctx, l, newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "here") })))
	}()
	res, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || string(body) != "here" {
		t.Errorf("%q, %v", body, err)
	}
	interrupt(t)
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	if ctx.Err() != context.Canceled {
		t.Error(ctx.Err())
	}
}

// A port that is taken is the user's to change; nothing is built before.
func TestServeRefusesTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := protosim(t, "serve", "--listen", l.Addr().String())
	if o.code != exitInput || !strings.Contains(o.stderr, "cannot listen on "+l.Addr().String()+": ") || !strings.Contains(o.stderr, "127.0.0.1:0 for any free port") || strings.Contains(o.stderr, "building") {
		t.Errorf("code %d, %s", o.code, o.stderr)
	}
	for _, args := range [][]string{{"--listen", "nowhere"}, {"--listen", "127.0.0.1:99999"}, {"extra"}, {"first-look"}} {
		if o := protosim(t, append([]string{"serve"}, args...)...); o.code != exitInput || o.stdout != "" {
			t.Errorf("serve %v: code %d, %s", args, o.code, o.stderr)
		}
	}
}

// Scenario files are read before anything is built or served: what is wrong with
// one is said with its line, and names are not given twice.
func TestServeReadsFilesFirst(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good.yaml", "name: mine\nworkload: page\nstrategies: [http2]\n")
	for want, args := range map[string][]string{
		"bad.yaml:3:": {file("bad.yaml", "name: mine\nworkload: page\nstrategy: [http2]\n")},
		"is called first-look, as one of the library is": {file("taken.yaml", "name: first-look\nworkload: page\nstrategies: [http2]\n")},
		"is called mine, as one of ":                     {good, file("again.yaml", "name: mine\nworkload: page\nstrategies: [http2]\n")},
		"cannot be read: no such file":                   {filepath.Join(folder, "nothing.yaml")},
		"which the page has anyway":                      {"cdn-cache"},
	} {
		o := protosim(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
		if o.code != exitInput || !strings.Contains(o.stderr, want) || strings.Contains(o.stderr, "building") {
			t.Errorf("serve %v: code %d, %s, expected %q", args, o.code, o.stderr, want)
		}
	}
	own, err := (&process{}).ownScenarios([]string{good})
	if err != nil || len(own) != 1 || own[0].Scenario.Name != "mine" || !strings.HasPrefix(string(own[0].Text), "name: mine") {
		t.Errorf("%v, %v", own, err)
	}
}
