package firewall_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"protosim/model/firewall"
	"protosim/model/network"
	"protosim/model/secure"
	"protosim/model/vtime"
)

const ms = time.Millisecond

// One way: client 10 ms, gateway 0, server 5 ms.
const (
	near = 10 * ms
	far  = 5 * ms
)

// rig is clients behind one firewall, and a server with ports 80, 443 and 8080.
type rig struct {
	testing.TB
	clock     *vtime.Clock
	net       *network.Network
	client    *network.Host
	gateway   *firewall.Gateway
	authority *secure.Authority
	ends      []func()
	serial    uint64
}

// play runs main with a rig in virtual time and returns the run's digest.
func play(t testing.TB, cfg firewall.Config, main func(r *rig)) string {
	t.Helper()
	before := goleak.IgnoreCurrent()
	digest := ""
	err := vtime.Run(context.Background(), func(clock *vtime.Clock) error {
		r := &rig{TB: t, clock: clock, net: network.New(clock, network.TCP{}, 1)}
		r.build(cfg)
		main(r)
		for _, end := range r.ends {
			end()
		}
		r.sleep(time.Minute)
		if open := r.gateway.Firewall.Stats().Open; open != 0 {
			t.Errorf("%d connections are left", open)
		}
		r.gateway.Firewall.Close()
		r.sleep(time.Minute)
		digest = r.net.Digest()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
	return digest
}

func (r *rig) build(cfg firewall.Config) {
	r.client = r.host("client", near)
	var err error
	r.authority, err = secure.NewAuthority(3000)
	must(err)
	if cfg.Kind == firewall.Intercept {
		cfg.Roots = r.trust().RootCAs
	}
	r.gateway, err = firewall.NewGateway(r.net, r.host("gateway", 0), cfg, "www:80", "www:443", "www:8080")
	must(err)
	www := r.host("www", far)
	config, err := r.authority.ServerConfig("www")
	must(err)
	site := func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/late" {
			r.sleep(5 * time.Second)
		}
		site(w, q)
	}
	for _, port := range []string{":80", ":443", ":8080"} {
		l, err := www.Listen(port)
		must(err)
		s := &http.Server{Handler: http.HandlerFunc(site), ErrorLog: log.New(io.Discard, "", 0), Protocols: new(http.Protocols)}
		s.Protocols.SetHTTP1(true)
		s.Protocols.SetHTTP2(true)
		s.Protocols.SetUnencryptedHTTP2(true)
		var accept net.Listener = l
		if port == ":443" {
			s.TLSConfig = config
			accept = tls.NewListener(l, config)
		}
		go s.Serve(accept)
		r.ends = append(r.ends, func() { s.Close() })
	}
}

func (r *rig) host(name string, delay time.Duration) *network.Host {
	h := r.net.NewHost(name)
	h.Up.Set(network.LinkConfig{Delay: delay})
	h.Down.Set(network.LinkConfig{Delay: delay})
	return h
}

// trust returns a client's TLS configuration.
func (r *rig) trust() *tls.Config {
	c := r.authority.ClientConfig(false, "http/1.1")
	return &tls.Config{RootCAs: c.RootCAs.Clone()}
}

func (r *rig) sleep(d time.Duration) {
	r.clock.Sleep(context.Background(), vtime.Key{A: 1 << 50}, d)
}

// site answers requests, and echoes on sockets.
func site(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/socket" {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for {
			kind, m, err := conn.Read(context.Background())
			if err != nil || conn.Write(context.Background(), kind, m) != nil {
				return
			}
		}
	}
	n, _ := io.Copy(io.Discard, r.Body)
	w.Header().Set("Proto", r.Proto)
	w.Header().Set("Got", fmt.Sprint(n))
	w.Header().Set("Connection-Header", r.Header.Get("Connection")+r.Header.Get("Keep-Alive")+r.Header.Get("Te"))
	fmt.Fprint(w, "hello")
}

// speech is how a client speaks to the server.
type speech struct {
	protocol string // http1, http2 or websocket
	port     int
}

func (s speech) secure() bool { return s.port == 443 }

// attempt tries one exchange, and says what came of it: "ok", or what failed.
func (r *rig) attempt(s speech, config *tls.Config) string {
	tr := &http.Transport{DialContext: r.gateway.Dial(r.client, nil), TLSClientConfig: config, Protocols: new(http.Protocols)}
	defer tr.CloseIdleConnections()
	r.ends = append(r.ends, tr.CloseIdleConnections) // what was not idle at once
	tr.Protocols.SetHTTP1(s.protocol != "http2" || s.secure())
	tr.Protocols.SetHTTP2(s.protocol == "http2" && s.secure())
	tr.Protocols.SetUnencryptedHTTP2(s.protocol == "http2" && !s.secure())
	if proxy := r.gateway.Proxy(); proxy != nil && s.protocol == "http1" {
		tr.Proxy = http.ProxyURL(proxy) // CONNECT by net/http's own code where there is TLS
	}
	scheme := "http"
	if s.secure() {
		scheme = "https"
	}
	url := fmt.Sprintf("%s://www:%d/", scheme, s.port)
	ctx, cancel := r.clock.WithTimeout(context.Background(), vtime.Key{A: 1 << 51, B: r.next()}, 30*time.Second)
	defer cancel()
	if s.protocol == "websocket" {
		conn, res, err := websocket.Dial(ctx, url+"socket", &websocket.DialOptions{HTTPClient: &http.Client{Transport: tr}})
		if err != nil {
			if res != nil && !errors.Is(err, context.Canceled) {
				return fmt.Sprint(res.StatusCode)
			}
			return failure(ctx, err)
		}
		defer conn.CloseNow()
		if err := conn.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
			return "open, then " + failure(ctx, err)
		}
		if _, m, err := conn.Read(ctx); err != nil || string(m) != "hello" {
			return "open, then " + failure(ctx, err)
		}
		return "ok"
	}
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	must(err)
	res, err := tr.RoundTrip(req)
	if err != nil {
		return failure(ctx, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return "broken"
	case res.StatusCode != 200:
		return fmt.Sprint(res.StatusCode)
	case string(body) != "hello":
		return "wrong body"
	case s.protocol == "http2" && res.ProtoMajor != 2:
		return "ok by HTTP/1.1"
	}
	return "ok"
}

func (r *rig) next() uint64 {
	r.serial++
	return r.serial
}

// failure names an error.
func failure(ctx context.Context, err error) string {
	var tunnel *firewall.TunnelError
	var unknown *tls.CertificateVerificationError
	switch {
	case context.Cause(ctx) != nil:
		return "silence"
	case errors.As(err, &tunnel):
		return fmt.Sprintf("CONNECT %d", tunnel.Status)
	case errors.As(err, &unknown):
		return "untrusted"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "reset"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "silence"
	case strings.Contains(err.Error(), "no application protocol"):
		return "no protocol"
	}
	return err.Error()
}

// each runs n functions at the same time, in the order of their numbers.
func (r *rig) each(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Add(1)
		r.clock.Go(vtime.Key{A: 1 << 52, B: uint64(i)}, func() {
			defer all.Done()
			f(i)
		})
	}
	all.Wait()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
