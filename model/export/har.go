package export

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"protosim/model/client"
	"protosim/model/measure"
	"protosim/model/result"
	"protosim/scenarios"
)

// Pages gathers one client's page loads and writes them as an HTTP Archive,
// version 1.2, for a browser's developer tools.
//
// http://www.softwareishard.com/blog/har-12-spec/
type Pages struct {
	client   uint32
	strategy scenarios.Strategy
	title    string
	version  string
	secure   bool

	mu        sync.Mutex
	exchanges []client.Exchange
}

// NewPages returns an archive of the page loads of a client under a strategy.
// The version is protosim's.
func NewPages(s *scenarios.Scenario, strategy scenarios.Strategy, client uint32, version string) *Pages {
	return &Pages{client: client, strategy: strategy, title: s.Name, version: version, secure: s.TLS.Enabled}
}

// Exchange takes a request that has ended, if it is the client's.
func (p *Pages) Exchange(e client.Exchange) {
	if e.Request.ID.Client != p.client {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exchanges = append(p.exchanges, e)
}

// Exchanges lets several archives take requests.
func Exchanges(all []*Pages) func(client.Exchange) {
	return func(e client.Exchange) {
		for _, p := range all {
			p.Exchange(e)
		}
	}
}

// The parts of an archive, as far as they are used.
type (
	archive struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator creator    `json:"creator"`
		Pages   []harPage  `json:"pages"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment"`
	}
	creator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harPage struct {
		Started time.Time   `json:"startedDateTime"`
		ID      string      `json:"id"`
		Title   string      `json:"title"`
		Timings pageTimings `json:"pageTimings"`
	}
	pageTimings struct {
		OnLoad float64 `json:"onLoad"` // ms, -1 if it never was
	}
	harEntry struct {
		Page       string      `json:"pageref"`
		Started    time.Time   `json:"startedDateTime"`
		Time       float64     `json:"time"` // ms
		Request    harRequest  `json:"request"`
		Response   harResponse `json:"response"`
		Cache      struct{}    `json:"cache"`
		Timings    timings     `json:"timings"`
		Connection string      `json:"connection,omitempty"`
		Comment    string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string   `json:"method"`
		URL         string   `json:"url"`
		HTTPVersion string   `json:"httpVersion"`
		Cookies     []string `json:"cookies"`
		Headers     []string `json:"headers"`
		QueryString []pair   `json:"queryString"`
		HeadersSize int      `json:"headersSize"`
		BodySize    int      `json:"bodySize"`
	}
	harResponse struct {
		Status      int      `json:"status"`
		StatusText  string   `json:"statusText"`
		HTTPVersion string   `json:"httpVersion"`
		Cookies     []string `json:"cookies"`
		Headers     []string `json:"headers"`
		Content     content  `json:"content"`
		RedirectURL string   `json:"redirectURL"`
		HeadersSize int      `json:"headersSize"`
		BodySize    int      `json:"bodySize"`
	}
	content struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
	}
	pair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	// timings are in milliseconds; -1 for what does not apply.
	timings struct {
		Blocked float64 `json:"blocked"`
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"`
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// Write writes the archive.
func (p *Pages) Write(w io.Writer) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.SortFunc(p.exchanges, func(a, b client.Exchange) int {
		return cmp.Or(cmp.Compare(a.Began, b.Began), cmp.Compare(a.Request.ID.Serial, b.Request.ID.Serial))
	})
	log := harLog{
		Version: "1.2",
		Creator: creator{Name: "protosim", Version: cmp.Or(p.version, "unknown")},
		Pages:   []harPage{}, Entries: []harEntry{},
		Comment: fmt.Sprintf("Simulated: client %d of the scenario %s under the strategy %s. The time before a request was sent is in 'blocked': waiting for a connection, opening it and its TLS handshake.", p.client+1, p.title, p.strategy),
	}
	for _, e := range p.exchanges {
		n := e.Visit
		for len(log.Pages) <= n {
			log.Pages = append(log.Pages, harPage{
				Started: epoch.Add(e.VisitBegan), ID: fmt.Sprintf("page_%d", len(log.Pages)+1), Title: p.title,
			})
		}
		page := &log.Pages[n]
		if e.Outcome != measure.OK {
			page.Timings.OnLoad = -1
		} else if page.Timings.OnLoad >= 0 {
			page.Timings.OnLoad = max(page.Timings.OnLoad, result.Milliseconds(e.Ended-e.VisitBegan))
		}
		log.Entries = append(log.Entries, p.entry(e, page.ID))
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(archive{log})
}

func (p *Pages) entry(e client.Exchange, page string) harEntry {
	// What never happened takes no time before the end.
	moment := func(at, from time.Duration) time.Duration {
		if at == 0 {
			at = e.Ended
		}
		return max(at, from)
	}
	sent := moment(e.Response.Sent, e.Began)
	first := moment(e.Response.FirstByte, sent)
	scheme := "http"
	if p.secure {
		scheme = "https"
	}
	entry := harEntry{
		Page:    page,
		Started: epoch.Add(e.Began),
		Request: harRequest{
			Method: e.Request.Method, URL: scheme + "://" + e.Request.Host + e.Request.Path, HTTPVersion: p.protocol(),
			Cookies: []string{}, Headers: []string{}, QueryString: query(e.Request.Path), HeadersSize: -1, BodySize: e.Request.Body,
		},
		Response: harResponse{
			Status: e.Response.Status, StatusText: http.StatusText(e.Response.Status), HTTPVersion: p.protocol(),
			Cookies: []string{}, Headers: []string{}, HeadersSize: -1, BodySize: e.Response.Body,
			Content: content{Size: e.Response.Body, MimeType: "application/octet-stream"},
		},
		Timings: timings{
			Blocked: result.Milliseconds(sent - e.Began), DNS: -1, Connect: -1, SSL: -1,
			Wait: result.Milliseconds(first - sent), Receive: result.Milliseconds(e.Ended - first),
		},
		Comment: e.Resource,
	}
	entry.Time = entry.Timings.Blocked + entry.Timings.Wait + entry.Timings.Receive
	if e.Response.Port != 0 {
		entry.Connection = fmt.Sprint(e.Response.Port)
	}
	if e.Outcome != measure.OK {
		entry.Comment += ": " + e.Outcome.String()
	}
	return entry
}

// protocol is the version of HTTP, or what takes its place.
func (p *Pages) protocol() string {
	switch p.strategy {
	case scenarios.HTTP2:
		return "HTTP/2"
	case scenarios.WebSocket:
		return "websocket" // a message each way on the page's socket
	}
	return "HTTP/1.1"
}

// query takes the query of a path apart.
func query(path string) []pair {
	pairs := []pair{}
	_, text, _ := strings.Cut(path, "?")
	for part := range strings.SplitSeq(text, "&") {
		if name, value, _ := strings.Cut(part, "="); part != "" {
			pairs = append(pairs, pair{name, value})
		}
	}
	return pairs
}
