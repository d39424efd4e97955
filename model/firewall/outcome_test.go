package firewall_test

import (
	"fmt"
	"testing"
	"time"

	"protosim/model/firewall"
)

// speeches are the columns of the table.
var speeches = []speech{{"http1", 80}, {"http2", 80}, {"websocket", 80}, {"http1", 443}, {"http2", 443}, {"websocket", 443}, {"websocket", 8080}}

func authority(t testing.TB) *firewall.Authority {
	a, err := firewall.NewAuthority("corporation")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What each kind does to each way of speaking.
func TestOutcomes(t *testing.T) {
	a := authority(t)
	for _, c := range []struct {
		name string
		cfg  firewall.Config
		want [7]string // as speeches
	}{
		{"pass", firewall.Config{}, [7]string{"ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
		{"blocked", firewall.Config{Kind: firewall.Block, Blocked: []int{443}},
			[7]string{"ok", "ok", "ok", "refused", "refused", "refused", "ok"}},
		{"allowed", firewall.Config{Kind: firewall.Block, Allowed: []int{80, 443}},
			[7]string{"ok", "ok", "ok", "ok", "ok", "ok", "refused"}},
		{"allowed, silently", firewall.Config{Kind: firewall.Block, Allowed: []int{80, 443}, Silent: true},
			[7]string{"ok", "ok", "ok", "ok", "ok", "ok", "silence"}},
		{"no upgrade", firewall.Config{Kind: firewall.NoUpgrade},
			[7]string{"ok", "ok", "426", "ok", "ok", "ok", "ok"}},
		{"no upgrade, all ports", firewall.Config{Kind: firewall.NoUpgrade, Ports: []int{80, 443, 8080}, RefuseUnknown: true},
			[7]string{"ok", "reset", "426", "reset", "reset", "reset", "426"}},
		{"no upgrade, silently", firewall.Config{Kind: firewall.NoUpgrade, RefuseUnknown: true, Silent: true},
			[7]string{"ok", "silence", "426", "ok", "ok", "ok", "ok"}},
		{"403", firewall.Config{Kind: firewall.ForbidUpgrade},
			[7]string{"ok", "ok", "403", "ok", "ok", "ok", "ok"}},
		{"kill", firewall.Config{Kind: firewall.KillUpgrade},
			[7]string{"ok", "ok", "open, then reset", "ok", "ok", "ok", "ok"}},
		{"kill, silently", firewall.Config{Kind: firewall.KillUpgrade, Silent: true},
			[7]string{"ok", "ok", "open, then silence", "ok", "ok", "ok", "ok"}},
		{"intercept", firewall.Config{Kind: firewall.Intercept, Authority: a},
			[7]string{"ok", "ok", "426", "ok", "ok by HTTP/1.1", "426", "ok"}},
		{"intercept, forward", firewall.Config{Kind: firewall.Intercept, Authority: a, Upgrade: firewall.Forward},
			[7]string{"ok", "ok", "ok", "ok", "ok by HTTP/1.1", "ok", "ok"}},
		{"intercept, 403", firewall.Config{Kind: firewall.Intercept, Authority: a, Upgrade: firewall.Forbid},
			[7]string{"ok", "ok", "403", "ok", "ok by HTTP/1.1", "403", "ok"}},
		{"intercept, kill", firewall.Config{Kind: firewall.Intercept, Authority: a, Upgrade: firewall.Kill, Ports: []int{443}},
			[7]string{"ok", "ok", "ok", "ok", "ok by HTTP/1.1", "open, then reset", "ok"}},
		{"explicit", firewall.Config{Kind: firewall.Explicit},
			[7]string{"ok", "CONNECT 403", "CONNECT 403", "ok", "ok", "ok", "CONNECT 403"}},
		{"explicit, open", firewall.Config{Kind: firewall.Explicit, ConnectPorts: []int{80, 443, 8080}},
			[7]string{"ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
		{"explicit, blocked", firewall.Config{Kind: firewall.Explicit, ConnectPorts: []int{80, 443}, Blocked: []int{80}},
			[7]string{"403", "CONNECT 403", "CONNECT 403", "ok", "ok", "ok", "CONNECT 403"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, c.cfg, func(r *rig) {
				config := r.trust()
				if c.cfg.Authority != nil {
					a.TrustedBy(config.RootCAs)
				}
				for i, s := range speeches {
					if got := r.attempt(s, config.Clone()); got != c.want[i] {
						t.Errorf("%s on port %d: %s, expected %s", s.protocol, s.port, got, c.want[i])
					}
				}
			})
		})
	}
}

// How soon a client knows, in round trips to the gateway (20 ms) and to the
// server (30 ms in all).
func TestHowSoon(t *testing.T) {
	const rtt, all = 2 * near, 2 * (near + far)
	for _, c := range []struct {
		cfg  firewall.Config
		s    speech
		want time.Duration
	}{
		{firewall.Config{Kind: firewall.Block, Blocked: []int{80}}, speech{"websocket", 80}, rtt},
		{firewall.Config{Kind: firewall.Block, Blocked: []int{80}, Silent: true}, speech{"websocket", 80}, 30 * time.Second},
		{firewall.Config{Kind: firewall.ForbidUpgrade}, speech{"websocket", 80}, 2 * rtt},
		// The proxy dials when it has the request: a round trip to the server more.
		{firewall.Config{Kind: firewall.NoUpgrade}, speech{"websocket", 80}, rtt + all + 2*far},
		// The proxy sees the message when the client has sent it, and resets.
		{firewall.Config{Kind: firewall.KillUpgrade}, speech{"websocket", 80}, rtt + all + 2*far + rtt},
		{firewall.Config{Kind: firewall.Explicit}, speech{"websocket", 80}, 2 * rtt},
		// So it is without a proxy in it: the first half is there with the client's
		// ACK, which the request follows at once.
		{firewall.Config{}, speech{"http1", 80}, rtt + all + 2*far},
		{firewall.Config{Kind: firewall.NoUpgrade}, speech{"http1", 80}, rtt + all + 2*far},
	} {
		t.Run(fmt.Sprintf("%s/%s/silent=%v", c.cfg.Kind, c.s.protocol, c.cfg.Silent), func(t *testing.T) {
			play(t, c.cfg, func(r *rig) {
				start := r.clock.Now()
				outcome := r.attempt(c.s, nil)
				if took := r.clock.Now() - start; took != c.want {
					t.Errorf("%s after %v, expected %v", outcome, took, c.want)
				}
			})
		})
	}
}

// A client that does not trust the authority sees through the interception.
func TestInterceptedAndUntrusting(t *testing.T) {
	play(t, firewall.Config{Kind: firewall.Intercept, Authority: authority(t)}, func(r *rig) {
		if got := r.attempt(speech{"http1", 443}, r.trust()); got != "untrusted" {
			t.Errorf("%s, expected a client that does not trust", got)
		}
		r.sleep(2 * near) // for the alert to arrive
		if n := r.gateway.Firewall.Stats().Refused[firewall.Handshake]; n != 1 {
			t.Errorf("%d failed handshakes, expected 1", n)
		}
	})
}
