//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// running is a mounted part.
type running struct {
	url  string
	code chan int
	rest *bytes.Buffer // of what it prints; to be read after its end
}

// mountPart starts protosim mount and returns when it listens.
func mountPart(t *testing.T, args ...string) *running {
	t.Helper()
	r, w := io.Pipe()
	var stderr bytes.Buffer
	p := &process{stdin: strings.NewReader(""), stdout: w, stderr: &stderr, env: func(string) string { return "" }, simulate: fake}
	m := &running{code: make(chan int, 1), rest: &bytes.Buffer{}}
	ended := make(chan int, 1)
	go func() {
		ended <- p.main(append([]string{"mount"}, args...))
		w.Close()
	}()
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	_, m.url, _ = strings.Cut(strings.TrimSpace(line), "listening on ")
	if err != nil || m.url == "" {
		t.Fatalf("%v printed %q, %s", args, line, &stderr)
	}
	go func() {
		io.Copy(m.rest, lines)
		m.code <- <-ended
	}()
	return m
}

// end interrupts all that is mounted.
func end(t *testing.T, parts ...*running) {
	t.Helper()
	interrupt(t)
	for _, m := range parts {
		select {
		case code := <-m.code:
			if code != exitOK {
				t.Errorf("exit code %d, %s", code, m.rest)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("it does not end")
		}
	}
}

// client returns an HTTP client that keeps cookies.
func client(t *testing.T, multiplexed bool) *http.Client {
	tr := &http.Transport{Protocols: new(http.Protocols)}
	tr.Protocols.SetHTTP1(!multiplexed)
	tr.Protocols.SetUnencryptedHTTP2(multiplexed)
	t.Cleanup(tr.CloseIdleConnections)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: tr, Jar: jar}
}

func get(t *testing.T, c *http.Client, url string) (*http.Response, int) {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, len(body)
}

func TestMount(t *testing.T) {
	one := mountPart(t, "server", "--size", "20kB", "--service-time", "2ms", "--headers", "400B")
	two := mountPart(t, "server", "--size", "30kB")
	b := mountPart(t, "balancer", "--upstream", one.url, "--upstream", two.url, "--affinity", "cookie", "--upgrade", "--health-interval", "50ms")
	plain := mountPart(t, "balancer", "--upstream", one.url)
	l4 := mountPart(t, "balancer", "--kind", "l4", "--upstream", two.url, "--policy", "least-connections")
	parts := []*running{one, two, b, plain, l4}
	stopped := false
	defer func() {
		if !stopped {
			end(t, parts...)
		}
	}()

	for _, multiplexed := range []bool{false, true} {
		proto := map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"}[multiplexed]
		sizes := map[int]bool{}
		for range 4 {
			c := client(t, multiplexed)
			res, first := get(t, c, b.url+"/x")
			if res.StatusCode != 200 || res.Proto != proto || len(res.Cookies()) != 1 {
				t.Errorf("%s with %v, expected %s and a cookie", res.Proto, res.Cookies(), proto)
			}
			for range 3 { // the cookie holds
				if _, size := get(t, c, b.url+"/y"); size != first {
					t.Errorf("%d bytes after %d: another server", size, first)
				}
			}
			sizes[first] = true
		}
		if !sizes[20_000] || !sizes[30_000] || len(sizes) != 2 {
			t.Errorf("sizes %v, expected those of both servers", sizes)
		}
		if _, size := get(t, client(t, multiplexed), l4.url); size != 30_000 {
			t.Errorf("through l4: %d bytes", size)
		}
	}

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, at := range []*running{one, b, l4} {
		conn, _, err := websocket.Dial(ctx, at.url+"/socket", nil)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetReadLimit(1 << 20)
		if err := conn.Write(ctx, websocket.MessageBinary, []byte(`{"id":7,"method":"GET","path":"/"}`+"\n")); err != nil {
			t.Error(err)
		}
		_, m, err := conn.Read(ctx)
		if err != nil || !bytes.HasPrefix(m, []byte(`{"id":7,"status":200}`)) || len(m) < 20_000 {
			t.Errorf("%d bytes: %.60q, %v", len(m), m, err)
		}
		conn.Close(websocket.StatusNormalClosure, "")
	}
	if _, res, err := websocket.Dial(ctx, plain.url+"/socket", nil); err == nil || res == nil || res.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("without --upgrade: %v, %v", res, err)
	}

	end(t, parts...)
	stopped = true
	if out := b.rest.String(); !strings.Contains(out, "server") || !strings.Contains(out, strings.TrimPrefix(one.url, "http://")) {
		t.Errorf("printed %s", out)
	}
}

// curlPath finds curl, without which nothing here is shown.
func curlPath(t *testing.T) string {
	t.Helper()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Fatal("curl is missing: install Debian's package curl")
	}
	return curl
}

// curl speaks with it over HTTP/1.1 and HTTP/2.
func TestMountWithCurl(t *testing.T) {
	curl := curlPath(t)
	one := mountPart(t, "server", "--size", "20kB")
	b := mountPart(t, "balancer", "--upstream", one.url, "--affinity", "cookie")
	defer end(t, one, b)
	for flag, want := range map[string]string{"--http1.1": "1.1 200 20000", "--http2-prior-knowledge": "2 200 20000"} {
		out, err := exec.Command(curl, "-sS", "--max-time", "10", flag, "-o", "/dev/null", "-w", "%{http_version} %{http_code} %{size_download}", b.url+"/x").CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("curl %s: %q, %v, expected %q", flag, out, err, want)
		}
	}
	out, err := exec.Command(curl, "-sS", "--max-time", "10", "-X", "POST", "--data-binary", strings.Repeat("x", 100_000), "-H", "Expect: 100-continue", "-D", "-", "-o", "/dev/null", b.url+"/x").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "200 OK") || !strings.Contains(string(out), "Set-Cookie: route=") {
		t.Errorf("curl POST: %s, %v", out, err)
	}
}

// With TLS, ALPN decides between HTTP/1.1 and HTTP/2, and who has the
// certificate need not look away.
func TestMountTLSWithCurl(t *testing.T) {
	curl := curlPath(t)
	file := filepath.Join(t.TempDir(), "server.pem")
	plain := mountPart(t, "server", "--size", "20kB")
	server := mountPart(t, "server", "--size", "30kB", "--tls", "--certificate", file)
	b := mountPart(t, "balancer", "--upstream", plain.url, "--tls", "--upgrade")
	cache := mountPart(t, "cache", "--upstream", plain.url, "--tls")
	defer end(t, plain, server, b, cache)
	for _, c := range []struct {
		url  string
		args []string
		want string
	}{
		{b.url, []string{"-k", "--http2"}, "2 200 20000"},
		{b.url, []string{"-k", "--http1.1"}, "1.1 200 20000"},
		{cache.url, []string{"-k", "--http2"}, "2 200 20000"},
		{cache.url, []string{"-k", "--http1.1"}, "1.1 200 20000"},
		{server.url, []string{"-k", "--http2"}, "2 200 30000"},
		{server.url, []string{"--cacert", file, "--http2"}, "2 200 30000"},
		{server.url, []string{"--cacert", file, "--http1.1"}, "1.1 200 30000"},
	} {
		args := append([]string{"-sS", "--max-time", "10", "-o", "/dev/null", "-w", "%{http_version} %{http_code} %{size_download}", c.url + "/x"}, c.args...)
		out, err := exec.Command(curl, args...).CombinedOutput()
		if err != nil || string(out) != c.want {
			t.Errorf("curl %s: %q, %v, expected %q", c.args, out, err, c.want)
		}
	}
	if out, err := exec.Command(curl, "-sS", "--max-time", "10", "-o", "/dev/null", b.url+"/x").CombinedOutput(); err == nil {
		t.Errorf("curl trusts a certificate that it does not know: %s", out)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer insecure.CloseIdleConnections()
	conn, _, err := websocket.Dial(ctx, b.url+"/socket", &websocket.DialOptions{HTTPClient: insecure})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	if err := conn.Write(ctx, websocket.MessageBinary, []byte(`{"id":7,"method":"GET","path":"/"}`+"\n")); err != nil {
		t.Error(err)
	}
	if _, m, err := conn.Read(ctx); err != nil || !bytes.HasPrefix(m, []byte(`{"id":7,"status":200}`)) {
		t.Errorf("a socket through TLS: %.60q, %v", m, err)
	}
	conn.Close(websocket.StatusNormalClosure, "")
}

func TestMountRefusesBadInput(t *testing.T) {
	taken := mountPart(t, "server")
	defer end(t, taken)
	u, _ := url.Parse(taken.url)
	for want, args := range map[string][]string{
		"there is no server to balance":    {"balancer"},
		`there is no "balancr" to mount`:   {"balancr"},
		"cannot listen on " + u.Host:       {"server", "--listen", u.Host},
		"there is no policy":               {"balancer", "--upstream", "a:1", "--policy", "best"},
		"there is no kind":                 {"balancer", "--upstream", "a:1", "--kind", "l5"},
		"does not look into connections":   {"balancer", "--upstream", "a:1", "--kind", "l4", "--tls"},
		"l4 sees no cookies":               {"balancer", "--upstream", "a:1", "--kind", "l4", "--affinity", "cookie"},
		"speaks plain HTTP":                {"balancer", "--upstream", "https://a"},
		"requests keep their own path":     {"balancer", "--upstream", "http://a/b"},
		"is there twice":                   {"balancer", "--upstream", "http://a", "--upstream", "a:80"},
		"it wants a size, such as 400B":    {"server", "--size", "big"},
		"it wants a duration, such as 5ms": {"server", "--service-time", "5"},
	} {
		o := protosim(t, append([]string{"mount"}, args...)...)
		if o.code != exitInput || !strings.Contains(o.stderr, want) {
			t.Errorf("mount %v: code %d, %s, expected %q", args, o.code, o.stderr, want)
		}
	}
}
