package firewall_test

import (
	"math"
	"testing"

	"protosim/model/firewall"
)

// A population of which some percent are behind each kind: a mix that Chrome's
// measurement of about 2010 could have met (FIGURES 11).
func population(t *testing.T) []share {
	known := []int{80, 443}
	return []share{
		{"home", 67, firewall.Config{}},
		{"antivirus", 9, firewall.Config{Kind: firewall.NoUpgrade}},
		{"school", 6, firewall.Config{Kind: firewall.ForbidUpgrade}},
		{"carrier", 4, firewall.Config{Kind: firewall.KillUpgrade}},
		{"office", 9, firewall.Config{Kind: firewall.NoUpgrade, Allowed: known}},
		{"bank", 5, firewall.Config{Kind: firewall.Intercept, Authority: authority(t), Allowed: known}},
	}
}

type share struct {
	name    string
	percent int
	cfg     firewall.Config
}

// The share of users whose socket works is what the kinds imply, and TLS lifts
// it as in the field: port 80 67 %, another 86 %, 443 with TLS 95 %. Requests
// get through wherever the port is open.
func TestConnectRatio(t *testing.T) {
	implied := map[speech]float64{
		{"websocket", 80}:   .67,
		{"websocket", 8080}: .86,
		{"websocket", 443}:  .95,
		{"http1", 80}:       1,
		{"http2", 80}:       1,
		{"http1", 8080}:     .86,
		{"http1", 443}:      1,
		{"http2", 443}:      1,
	}
	got := map[speech]float64{}
	for _, group := range population(t) {
		play(t, group.cfg, func(r *rig) {
			config := r.trust()
			if group.cfg.Authority != nil {
				group.cfg.Authority.TrustedBy(config.RootCAs)
			}
			for s := range implied {
				for range group.percent { // users
					if outcome := r.attempt(s, config.Clone()); outcome == "ok" || outcome == "ok by HTTP/1.1" {
						got[s] += .01
					}
				}
			}
		})
	}
	for s, want := range implied {
		if math.Abs(got[s]-want) > 1e-9 {
			t.Errorf("%s on port %d: %.2f connect, expected %.2f", s.protocol, s.port, got[s], want)
		}
	}
}
