package cache

import (
	"net/http"
	"net/url"
	"strings"
)

// invalidate throws away what an unsafe request may have changed: its target,
// and what its response names in Location and Content-Location, if it is of
// the same origin (RFC 9111 section 4.4).
func (c *Cache) invalidate(r *request, h http.Header) {
	uris := []string{r.uri}
	base := url.URL{Scheme: "http", Host: r.host, Path: r.URL.Path, RawPath: r.URL.RawPath}
	for _, name := range []string{"Location", "Content-Location"} {
		u, err := base.Parse(h.Get(name))
		if err != nil || h.Get(name) == "" || !strings.EqualFold(u.Host, r.host) || u.Scheme != "http" && u.Scheme != "https" {
			continue
		}
		uris = append(uris, storageKey(r.host, u.RequestURI()))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, uri := range uris {
		c.forget(uri)
	}
}

// forget throws away what is stored for a URI, and what is being fetched for
// it. The mutex is held.
func (c *Cache) forget(uri string) {
	if c.store.remove(uri) {
		c.stats.Invalidated++
	}
	c.doom(uri)
}

// Purge throws away what is stored for URIs, such as "http://www/logo.png", or
// for paths, such as "/logo.png", whatever the host. Without any it throws
// everything away.
func (c *Cache) Purge(key ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	paths := map[string]bool{}
	for _, k := range key {
		if strings.HasPrefix(k, "/") {
			paths[k] = true
			continue
		}
		if _, after, ok := strings.Cut(k, "://"); ok {
			k = after
		}
		host, path, _ := strings.Cut(k, "/")
		c.forget(storageKey(strings.ToLower(host), "/"+path))
	}
	if len(key) > 0 && len(paths) == 0 {
		return
	}
	all = c.store.order.keys()
	for uri := range c.flights {
		all = append(all, uri)
	}
	for _, uri := range all { // in any order: nothing depends on it
		if _, target := splitKey(uri); len(key) == 0 || paths[target] {
			c.forget(uri)
		}
	}
}
