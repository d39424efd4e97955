package firewall_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/coder/websocket"

	"protosim/model/firewall"
	"protosim/model/network"
	"protosim/model/vtime"
)

// A run is the same on each of its repetitions, whatever the number of cores.
func TestDigests(t *testing.T) {
	for _, cfg := range []firewall.Config{
		{},
		{Kind: firewall.NoUpgrade, Silent: true, RefuseUnknown: true},
		{Kind: firewall.KillUpgrade},
		{Kind: firewall.Intercept, Upgrade: firewall.Forward, Authority: authority(t)},
		{Kind: firewall.Explicit},
	} {
		t.Run(string(cfg.Kind), func(t *testing.T) {
			want := ""
			for _, cores := range []int{1, 2, 8} {
				old := runtime.GOMAXPROCS(cores)
				got := play(t, cfg, func(r *rig) { traffic(r, cfg) })
				runtime.GOMAXPROCS(old)
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("digest at GOMAXPROCS %d is %s, and was %s", cores, got, want)
				}
			}
		})
	}
}

// traffic lets many clients speak at the same time.
func traffic(r *rig, cfg firewall.Config) {
	lossy := network.LinkConfig{Delay: near, Loss: .02, Bandwidth: 20_000_000, Queue: 200_000}
	r.client.Up.Set(lossy)
	r.client.Down.Set(lossy)
	outcomes := [8]string{}
	r.each(8, func(i int) {
		config := r.trust()
		if cfg.Authority != nil {
			cfg.Authority.TrustedBy(config.RootCAs)
		}
		s := []speech{{"http1", 80}, {"websocket", 80}, {"http1", 443}, {"websocket", 443}}[i%4]
		outcomes[i] = r.attempt(s, config)
		if s.protocol == "http1" && !s.secure() {
			r.upload(i, 100_000)
		}
	})
	for i := range 4 {
		if outcomes[i] != outcomes[i+4] {
			r.Errorf("%s, but another %s", outcomes[i], outcomes[i+4])
		}
	}
}

// upload posts n bytes, and expects the server to have them.
func (r *rig) upload(i, n int) {
	tr := r.transport()
	defer tr.CloseIdleConnections()
	req, err := http.NewRequest("POST", "http://www:80/", io.LimitReader(endless{}, int64(n)))
	must(err)
	res, err := tr.RoundTrip(req)
	if err != nil {
		r.Error(err)
		return
	}
	defer res.Body.Close()
	r.clock.Yield(vtime.Key{A: 1 << 53, B: uint64(i)})
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		r.Error(err)
	}
	if got := res.Header.Get("Got"); got != "100000" && n == 100_000 {
		r.Errorf("the server got %s bytes", got)
	}
}

// transport returns a client of the server's port 80, in HTTP/1.1.
func (r *rig) transport() *http.Transport {
	tr := &http.Transport{DialContext: r.gateway.Dial(r.client, nil), DisableCompression: true}
	if proxy := r.gateway.Proxy(); proxy != nil {
		tr.Proxy = http.ProxyURL(proxy)
	}
	return tr
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// A socket goes on through what lets it pass, both ways and for large messages.
func TestSocketThrough(t *testing.T) {
	for _, cfg := range []firewall.Config{
		{},
		{Kind: firewall.Explicit, ConnectPorts: []int{80}},
		{Kind: firewall.Intercept, Authority: authority(t), Upgrade: firewall.Forward},
	} {
		play(t, cfg, func(r *rig) {
			tr := &http.Transport{DialContext: r.gateway.Dial(r.client, nil)}
			defer tr.CloseIdleConnections()
			ctx := context.Background()
			conn, _, err := websocket.Dial(ctx, "http://www:80/socket", &websocket.DialOptions{HTTPClient: &http.Client{Transport: tr}})
			if err != nil {
				t.Fatal(err)
			}
			conn.SetReadLimit(-1)
			for n := 1; n <= 1<<15; n *= 8 { // the server's read limit
				m := bytes.Repeat([]byte{'m'}, n-1)
				if err := conn.Write(ctx, websocket.MessageBinary, m); err != nil {
					t.Error(err)
				}
				if _, got, err := conn.Read(ctx); err != nil || !bytes.Equal(got, m) {
					t.Errorf("%d bytes came back of %d: %v", len(got), len(m), err)
				}
			}
			conn.Close(websocket.StatusNormalClosure, "")
		})
	}
}
