//go:build unix

package main

import (
	"context"
	"io"
	"net"
	"net/http"
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
