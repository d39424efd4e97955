package firewall_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"protosim/model/firewall"
)

// Shutdown waits for what is under way, and not for a connection that is kept
// for a next request.
func TestShutdownWaitsForRequestsOnly(t *testing.T) {
	for path, c := range map[string]struct{ least, most time.Duration }{
		"/":     {0, 0},
		"/late": {4 * time.Second, 5100 * time.Millisecond}, // a second in which nothing moves is part of it
	} {
		play(t, firewall.Config{Kind: firewall.NoUpgrade}, func(r *rig) {
			conn, err := r.gateway.Dial(r.client, nil)(context.Background(), "tcp", "www:80")
			must(err)
			in := bufio.NewReader(conn)
			ask := func(path string) {
				_, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: www\r\n\r\n")
				must(err)
			}
			hear := func() {
				res, err := http.ReadResponse(in, nil)
				must(err)
				_, err = io.Copy(io.Discard, res.Body)
				must(err)
			}
			ask("/")
			hear()
			r.sleep(2 * time.Second)
			if path != "/" {
				ask(path)
				r.sleep(time.Second)
			}
			start := r.clock.Now()
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			r.gateway.Firewall.Shutdown(ctx)
			if took := r.clock.Now() - start; took < c.least || took > c.most {
				t.Errorf("%s: it took %v, expected %v to %v", path, took, c.least, c.most)
			}
			conn.Close()
		})
	}
}
