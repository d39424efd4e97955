//go:build unix

package main

import (
	"strings"
	"testing"
)

func TestMountCache(t *testing.T) {
	server := mountPart(t, "server", "--size", "20kB", "--headers", "400B")
	m := mountPart(t, "cache", "--upstream", server.url, "--memory", "1MB", "--policy", "2q", "--collapse")
	for _, multiplexed := range []bool{false, true} {
		c := client(t, multiplexed)
		for range 3 {
			if res, n := get(t, c, m.url+"/"); res.StatusCode != 200 || n != 20_000 || !strings.Contains(res.Header.Get("Cache-Status"), "protosim; ") {
				t.Errorf("status %d, %d bytes, %v", res.StatusCode, n, res.Header)
			}
		}
	}
	end(t, server, m)
	if !strings.Contains(strings.ToLower(m.rest.String()), "hits") {
		t.Errorf("it printed %s", m.rest)
	}
	for want, args := range map[string][]string{
		"there is no server to ask": {"cache"},
		"there is no policy":        {"cache", "--upstream", "http://a", "--policy", "best"},
		"is no name of a cache":     {"cache", "--upstream", "http://a", "--name", "a b"},
		"it wants a size":           {"cache", "--upstream", "http://a", "--memory", "big"},
	} {
		o := protosim(t, append([]string{"mount"}, args...)...)
		if o.code != exitInput || !strings.Contains(o.stderr, want) {
			t.Errorf("mount %v: code %d, %s, expected %q", args, o.code, o.stderr, want)
		}
	}
}
