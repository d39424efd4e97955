//go:build unix

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// behind is what a real client meets behind a mounted firewall.
func behind(t *testing.T, address string, tr *http.Transport, socket bool) string {
	t.Helper()
	defer tr.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c := &http.Client{Transport: tr}
	if socket {
		conn, res, err := websocket.Dial(ctx, address+"/socket", &websocket.DialOptions{HTTPClient: c})
		switch {
		case err != nil && res != nil:
			return fmt.Sprint(res.StatusCode)
		case err != nil:
			return "no connection"
		}
		defer conn.CloseNow()
		if err := conn.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
			return "open, then cut off"
		}
		if _, m, err := conn.Read(ctx); err != nil || string(m) != "hello" {
			return "open, then cut off"
		}
		return "ok"
	}
	req, err := http.NewRequestWithContext(ctx, "POST", address+"/", strings.NewReader(strings.Repeat("x", 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		return "no connection"
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode == 200 && n != 1<<20 {
		return fmt.Sprintf("%d bytes, %v", n, err)
	}
	return fmt.Sprint(res.StatusCode, " ", res.Proto)
}

// echo answers with the request's body, and echoes on sockets.
func echo(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/socket" {
		io.Copy(w, r.Body)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	for {
		kind, m, err := conn.Read(r.Context())
		if err != nil || conn.Write(r.Context(), kind, m) != nil {
			return
		}
	}
}

// inClear is a client's transport without TLS, in HTTP/1.1 or HTTP/2.
func inClear(multiplexed bool) *http.Transport {
	tr := &http.Transport{Protocols: new(http.Protocols)}
	tr.Protocols.SetHTTP1(!multiplexed)
	tr.Protocols.SetUnencryptedHTTP2(multiplexed)
	return tr
}

// Each kind, seen from real clients.
func TestMountFirewall(t *testing.T) {
	upstream := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	upstream.Config.Protocols = new(http.Protocols)
	upstream.Config.Protocols.SetHTTP1(true)
	upstream.Config.Protocols.SetUnencryptedHTTP2(true)
	upstream.Config.ErrorLog = log.New(io.Discard, "", 0)
	upstream.Start()
	defer upstream.Close()
	u, _ := url.Parse(upstream.URL)
	var parts []*running
	for _, c := range []struct {
		args                 string
		http1, http2, socket string
	}{
		{"--kind pass", "200 HTTP/1.1", "200 HTTP/2.0", "ok"},
		{"--kind block --blocked " + u.Port(), "no connection", "no connection", "no connection"},
		{"--kind no-upgrade", "200 HTTP/1.1", "200 HTTP/2.0", "426"},
		{"--kind no-upgrade --refuse-unknown", "200 HTTP/1.1", "no connection", "426"},
		{"--kind no-upgrade --ports 80", "200 HTTP/1.1", "200 HTTP/2.0", "ok"},
		{"--kind forbid-upgrade", "200 HTTP/1.1", "200 HTTP/2.0", "403"},
		{"--kind kill-upgrade", "200 HTTP/1.1", "200 HTTP/2.0", "open, then cut off"},
		{"--kind pass --max-bytes 2kB", "no connection", "no connection", "ok"},
	} {
		m := mountPart(t, append([]string{"firewall", "--upstream", upstream.URL}, strings.Fields(c.args)...)...)
		parts = append(parts, m)
		if got := behind(t, m.url, inClear(false), false); got != c.http1 {
			t.Errorf("%s: HTTP/1.1 %s, expected %s", c.args, got, c.http1)
		}
		if got := behind(t, m.url, inClear(true), false); got != c.http2 {
			t.Errorf("%s: HTTP/2 %s, expected %s", c.args, got, c.http2)
		}
		if got := behind(t, m.url, inClear(false), true); got != c.socket {
			t.Errorf("%s: WebSocket %s, expected %s", c.args, got, c.socket)
		}
	}
	end(t, parts...)
	if out := parts[2].rest.String(); !strings.Contains(out, "upgrades stripped") {
		t.Errorf("printed %s", out)
	}
}

// TLS intercepted, and tunnelled through an explicit proxy.
func TestMountFirewallWithTLS(t *testing.T) {
	dir := t.TempDir()
	upstream := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	upstream.EnableHTTP2 = true
	upstream.Config.ErrorLog = log.New(io.Discard, "", 0)
	upstream.StartTLS()
	defer upstream.Close()
	u, _ := url.Parse(upstream.URL)
	theirs, ours := filepath.Join(dir, "theirs.pem"), filepath.Join(dir, "ours.pem")
	if err := os.WriteFile(theirs, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: upstream.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	intercept := mountPart(t, "firewall", "--kind", "intercept", "--upstream", upstream.URL, "--ca", ours, "--upstream-ca", theirs)
	forward := mountPart(t, "firewall", "--kind", "intercept", "--upgrade", "forward", "--upstream", upstream.URL, "--ca", ours+"2", "--upstream-ca", theirs)
	pass := mountPart(t, "firewall", "--kind", "no-upgrade", "--upstream", upstream.URL)
	explicit := mountPart(t, "firewall", "--kind", "explicit", "--connect-ports", u.Port())
	closed := mountPart(t, "firewall", "--kind", "explicit")
	defer end(t, intercept, forward, pass, explicit, closed)

	secured := func(ca string, proxy *running, socket bool) *http.Transport {
		pool := x509.NewCertPool()
		certificates, err := os.ReadFile(ca)
		if err != nil || !pool.AppendCertsFromPEM(certificates) {
			t.Fatalf("%s: %v", ca, err)
		}
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: !socket}
		if proxy != nil {
			u, _ := url.Parse(proxy.url)
			tr.Proxy = http.ProxyURL(u)
		}
		return tr
	}
	for _, c := range []struct {
		name         string
		at           string
		ca           string
		proxy        *running
		http, socket string
	}{
		{"intercept", intercept.url, ours, nil, "200 HTTP/1.1", "426"},
		{"intercept, forward", forward.url, ours + "2", nil, "200 HTTP/1.1", "ok"},
		{"intercept, not trusted", intercept.url, theirs, nil, "no connection", "no connection"},
		{"passed by a proxy that cannot read it", pass.url, theirs, nil, "200 HTTP/2.0", "ok"},
		{"explicit", upstream.URL, theirs, explicit, "200 HTTP/2.0", "ok"},
		{"explicit, port not allowed", upstream.URL, theirs, closed, "no connection", "no connection"},
	} {
		at := "https://" + strings.TrimPrefix(strings.TrimPrefix(c.at, "https://"), "http://")
		if got := behind(t, at, secured(c.ca, c.proxy, false), false); got != c.http {
			t.Errorf("%s: %s, expected %s", c.name, got, c.http)
		}
		if got := behind(t, at, secured(c.ca, c.proxy, true), true); got != c.socket {
			t.Errorf("%s: WebSocket %s, expected %s", c.name, got, c.socket)
		}
	}
	curl, err := exec.LookPath("curl")
	if err != nil {
		return
	}
	for want, args := range map[string][]string{
		"1.1 200": {"--cacert", ours, "https://" + strings.TrimPrefix(intercept.url, "http://")},
		"2 200":   {"--cacert", theirs, "--proxy", explicit.url, upstream.URL},
		"403":     {"--cacert", theirs, "--proxy", closed.url, upstream.URL},
	} {
		out, _ := exec.Command(curl, append([]string{"-sS", "--max-time", "10", "-o", "/dev/null", "-w", "%{http_version} %{http_code} %{http_connect}"}, args...)...).CombinedOutput()
		if !strings.Contains(string(out), want) {
			t.Errorf("curl %v: %s, expected %s", args, out, want)
		}
	}
}

func TestMountFirewallRefusesBadInput(t *testing.T) {
	for want, args := range map[string][]string{
		"there is no server behind":              {},
		"there is no kind":                       {"--kind", "magic", "--upstream", "a:1"},
		"block needs ports":                      {"--kind", "block", "--upstream", "a:1"},
		"it cannot \"bend\"":                     {"--kind", "intercept", "--upgrade", "bend", "--upstream", "a:1"},
		"intercept needs a place":                {"--kind", "intercept", "--upstream", "https://a"},
		"--upstream-ca: /nowhere cannot be read": {"--kind", "intercept", "--upstream", "https://a", "--ca", os.DevNull, "--upstream-ca", "/nowhere"},
		"has no --upstream":                      {"--kind", "explicit", "--upstream", "http://a"},
		"70000 is no port":                       {"--upstream", "a:1", "--blocked", "70000"},
		"the scheme ftp is unknown":              {"--upstream", "ftp://a"},
		"requests keep their own":                {"--upstream", "http://a/b"},
		"reads no responses":                     {"--kind", "block", "--blocked", "80", "--buffer", "--upstream", "a:1"},
		"it wants a duration, such":              {"--upstream", "a:1", "--idle-timeout", "5"},
	} {
		o := protosim(t, append([]string{"mount", "firewall"}, args...)...)
		if o.code != exitInput || !strings.Contains(o.stderr, want) {
			t.Errorf("mount firewall %v: code %d, %s, expected %q", args, o.code, o.stderr, want)
		}
	}
}

// A proxy that buffers responses lets no stream begin, and everything else
// through; one that does not lets it begin at once.
func TestMountFirewallBuffer(t *testing.T) {
	more := make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stream" {
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, "data: 1\n\n")
			http.NewResponseController(w).Flush()
			<-more
		}
		io.WriteString(w, "data: 2\n\n")
	}))
	defer upstream.Close()
	plain := mountPart(t, "firewall", "--upstream", upstream.URL, "--kind", "no-upgrade")
	buffering := mountPart(t, "firewall", "--upstream", upstream.URL, "--kind", "no-upgrade", "--buffer")
	defer end(t, plain, buffering)
	c := client(t, false)
	res, err := c.Get(plain.url + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 9)
	if _, err := io.ReadFull(res.Body, first); string(first) != "data: 1\n\n" { // although there is no end
		t.Errorf("%q, %v", first, err)
	}
	begun := make(chan string)
	go func() {
		res, err := client(t, false).Get(buffering.url + "/stream")
		if err != nil {
			begun <- err.Error()
			return
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		begun <- fmt.Sprint(string(body), err)
	}()
	for range 3 { // meanwhile others are answered
		if _, n := get(t, c, buffering.url+"/"); n != 9 {
			t.Errorf("%d bytes", n)
		}
	}
	select {
	case got := <-begun:
		t.Errorf("the stream began: %q", got)
	default:
	}
	close(more)
	if got := <-begun; got != "data: 1\n\ndata: 2\n\n<nil>" {
		t.Errorf("in the end there was %q", got)
	}
	res.Body.Close()
}

// What a firewall cuts off after a time, with a reset or silently, as a real
// client sees it.
func TestMountFirewallLimits(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(echo))
	defer upstream.Close()
	idle := mountPart(t, "firewall", "--upstream", upstream.URL, "--idle-timeout", "1s")
	lasting := mountPart(t, "firewall", "--upstream", upstream.URL, "--max-duration", "1s")
	silent := mountPart(t, "firewall", "--upstream", upstream.URL, "--max-duration", "500ms", "--silent")
	defer end(t, idle, lasting, silent)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	open := func(m *running) *websocket.Conn {
		conn, _, err := websocket.Dial(ctx, m.url+"/socket", nil)
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	// say sends and hears one message.
	say := func(conn *websocket.Conn) error {
		if err := conn.Write(ctx, websocket.MessageText, []byte("x")); err != nil {
			return err
		}
		_, _, err := conn.Read(ctx)
		return err
	}
	// Who talks all the time is cut off by the limit on time only, and who is
	// silent by the one on silence: nothing else would end this.
	busy := open(lasting)
	defer busy.CloseNow()
	said := 0
	for say(busy) == nil {
		said++
	}
	if said == 0 {
		t.Error("cut off at once")
	}
	quiet := open(idle)
	defer quiet.CloseNow()
	if err := say(quiet); err != nil {
		t.Errorf("cut off at once: %v", err)
	}
	if _, _, err := quiet.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("silence was not cut off: %v", err)
	}
	// Silently: the client hears nothing, not even a reset.
	deaf := open(silent)
	defer deaf.CloseNow()
	for {
		patience, cancel := context.WithTimeout(ctx, time.Second)
		err := deaf.Write(patience, websocket.MessageText, []byte("x"))
		if err == nil {
			_, _, err = deaf.Read(patience)
		}
		expired := patience.Err() != nil
		cancel()
		if err != nil {
			if !expired {
				t.Errorf("it was told: %v", err)
			}
			break
		}
	}
}
