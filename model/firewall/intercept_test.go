package firewall_test

import (
	"context"
	"testing"

	"protosim/model/firewall"
	"protosim/model/secure"
)

// The simulated clients' own TLS goes through: one that offers HTTP/1.1 is
// served, one that offers nothing but HTTP/2 is refused and has to fall back.
func TestInterceptedClients(t *testing.T) {
	a := authority(t)
	for protocol, want := range map[string]string{"http/1.1": "ok", "h2": "no protocol"} {
		play(t, firewall.Config{Kind: firewall.Intercept, Authority: a}, func(r *rig) {
			ctx := context.Background()
			config := r.authority.ClientConfig(false, protocol)
			config.RootCAs = config.RootCAs.Clone()
			a.TrustedBy(config.RootCAs)
			conn, err := r.gateway.Dial(r.client, nil)(ctx, "tcp", "www:443")
			must(err)
			client := secure.Client{Clock: r.clock, Config: config, Tally: new(secure.Tally)}
			got := "ok"
			if c, err := client.Handshake(ctx, conn.(secure.Below), "www"); err != nil {
				got = failure(ctx, err)
			} else {
				c.Close()
			}
			if got != want {
				t.Errorf("%s: %s, expected %s", protocol, got, want)
			}
		})
	}
}
