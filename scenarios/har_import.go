package scenarios

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// HAROptions says how to read a HAR. The zero value takes its first page.
type HAROptions struct {
	// Name of the scenario; by default it follows from the page's host.
	Name string
	// Page is the id, title or number (from 1) of the page to import, where
	// the HAR has several.
	Page string
}

// maxHARRequests bounds the work of an import; the largest pages have less.
const maxHARRequests = 2000

// ImportHAR turns what a browser recorded (HAR 1.2, as Chrome, Firefox and
// Safari export it) into a scenario with the page's resources, their
// dependencies, sizes and service times, and the path's round-trip time. The
// notes say what was left out and what was assumed. Input that cannot be used
// gives an *Error that names what is missing.
func ImportHAR(r io.Reader, options HAROptions) (s *Scenario, notes []string, err error) {
	log, err := readHAR(r)
	if err != nil {
		return nil, nil, err
	}
	entries, title, notes, err := log.choosePage(options.Page)
	if err != nil {
		return nil, nil, err
	}
	all, more := exchanges(entries)
	notes = append(notes, more...)
	if len(all) == 0 {
		return nil, notes, &Error{Reason: "the HAR holds no request that went over the network",
			Remedy: strings.Join(append(notes, "record a page load with the cache disabled"), "; ")}
	}
	sortByStart(all)
	if len(all) > maxHARRequests {
		notes = append(notes, fmt.Sprintf("left out %d: beyond the first %d requests", len(all)-maxHARRequests, maxHARRequests))
		all = all[:maxHARRequests]
	}
	connect(all)
	s, more = buildScenario(all, log)
	notes = append(notes, more...)
	main := all[mainDocument(all)]
	if title = strings.Join(strings.Fields(title), " "); title == "" || strings.Contains(title, "://") {
		title = main.host
	}
	s.Title = fmt.Sprintf("How fast does %s load?", abbreviate(printable(title)))
	if s.Name = options.Name; s.Name == "" {
		s.Name = slug(main.host)
	}
	if s.Name == "" {
		s.Name = "imported"
	}
	if err := s.check(); err != nil {
		return nil, notes, err
	}
	return s, notes, nil
}

// choosePage returns the entries of the wanted page and its title.
func (log *harLog) choosePage(wanted string) (entries []*harEntry, title string, notes []string, err error) {
	all := *log.Entries
	if len(log.Pages) == 0 {
		for i := range all {
			entries = append(entries, &all[i])
		}
		if wanted != "" {
			notes = append(notes, "the HAR names no pages: took all requests")
		}
		return entries, "", notes, nil
	}
	chosen := -1
	for i, p := range log.Pages {
		if wanted != "" && (p.ID == wanted || p.Title == wanted || strconv.Itoa(i+1) == wanted) {
			chosen = i
			break
		}
	}
	if wanted != "" && chosen < 0 {
		names := make([]string, len(log.Pages))
		for i, p := range log.Pages {
			names[i] = abbreviate(p.ID)
		}
		return nil, "", nil, &Error{Reason: fmt.Sprintf("the HAR has no page %q", abbreviate(wanted)), Remedy: suggest(wanted, names)}
	}
	if chosen < 0 {
		chosen = 0
		for i, p := range log.Pages { // the first that has anything
			if slices.ContainsFunc(all, func(e harEntry) bool { return e.Page == p.ID }) {
				chosen = i
				break
			}
		}
	}
	page := log.Pages[chosen]
	if len(log.Pages) > 1 {
		notes = append(notes, fmt.Sprintf("took page %d of %d: %s", chosen+1, len(log.Pages), abbreviate(printable(page.Title))))
	}
	for i := range all {
		if all[i].Page == page.ID || log.orphan(&all[i], chosen) {
			entries = append(entries, &all[i])
		}
	}
	return entries, page.Title, notes, nil
}

// orphan reports whether an entry that names no page of the file was recorded
// while the given page was the latest.
func (log *harLog) orphan(e *harEntry, page int) bool {
	if slices.ContainsFunc(log.Pages, func(p harPage) bool { return p.ID == e.Page }) {
		return false
	}
	started, ok := parseTime(e.Started)
	latest := 0
	for i, p := range log.Pages {
		if at, known := parseTime(p.Started); ok && known && !started.Before(at) {
			latest = i
		}
	}
	return latest == page
}

// exchanges reads the entries that went over the network, with their times.
func exchanges(entries []*harEntry) (all []*exchange, notes []string) {
	var out leftOut
	var first time.Time
	undated, unmodified := 0, 0
	starts := make([]time.Time, 0, len(entries))
	for _, e := range entries {
		x, why := newExchange(e)
		if why != "" {
			out.add(why)
			continue
		}
		at, ok := parseTime(e.Started)
		if !ok {
			undated++
			if len(starts) > 0 {
				at = starts[len(starts)-1]
			}
		}
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
		if e.Response.Status.value == 304 {
			unmodified++
		}
		all, starts = append(all, x), append(starts, at)
	}
	for i, x := range all {
		if !starts[i].IsZero() {
			x.start = starts[i].Sub(first)
		}
		x.end = x.start + x.entry.duration()
	}
	notes = out.notes()
	if unmodified > 0 {
		notes = append(notes, fmt.Sprintf("kept %d without a body: answered with 304 because the browser had them; record with the cache disabled to have their sizes", unmodified))
	}
	if undated > 0 {
		notes = append(notes, fmt.Sprintf("%d requests have no readable startedDateTime: took them in the order of the file", undated))
	}
	return all, notes
}

// parseTime reads a HAR's date (ISO 8601).
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1970 && t.Year() < 2200 {
			return t, true
		}
	}
	return time.Time{}, false
}

// buildScenario makes the scenario of the connected exchanges.
func buildScenario(all []*exchange, log *harLog) (s *Scenario, notes []string) {
	s = Default()
	s.Clients.Count = 1
	notes = append(notes, s.estimateNetwork(all, log)...)
	rtt := float64(s.Network.RTT) / float64(time.Millisecond)
	services := make([]harNumber, len(all))
	var known []float64
	for i, x := range all {
		if x.wait.known {
			services[i] = harNumber{min(max(x.wait.value-rtt, 0), 3_600_000), true}
			known = append(known, services[i].value)
		}
	}
	if len(known) > 0 {
		s.Servers.ServiceTime = Always(wholeMillis(median(known)))
	} else {
		notes = append(notes, fmt.Sprintf("no wait timings: assumed a service time of %s", s.Servers.ServiceTime))
	}
	s.Page.Resources = groupExchanges(all, services, s.Servers.ServiceTime.Mean)
	s.estimateHeaders(all)
	total := Size(0)
	for _, x := range all {
		total += x.body
	}
	program := log.Browser
	if program.Name == "" {
		program = log.Creator
	}
	s.Description = fmt.Sprintf("Imported from a HAR of %s: %d requests, %s.",
		strings.TrimSpace(abbreviate(printable(program.Name+" "+program.Version))), len(all), total)
	notes = append(notes, "a HAR does not tell the bandwidth: set network.down.bandwidth and network.up.bandwidth")
	return s, notes
}

// estimateNetwork sets the round-trip time and TLS from the timings.
func (s *Scenario) estimateNetwork(all []*exchange, log *harLog) (notes []string) {
	var handshakes []float64
	for _, x := range all {
		t := x.entry.Timings
		connect, ok := t.Connect.positive()
		if !ok {
			continue
		}
		// The specification counts the TLS handshake as part of the connect
		// time; Firefox does not.
		if tls, ok := t.SSL.positive(); ok && tls < connect && !strings.Contains(log.Creator.Name, "Firefox") {
			connect -= tls
		}
		handshakes = append(handshakes, connect)
	}
	if len(handshakes) > 0 {
		rtt := Duration(median(handshakes) * float64(time.Millisecond))
		s.Network.RTT = min(Duration(time.Duration(rtt).Round(100*time.Microsecond)), Duration(time.Minute))
		notes = append(notes, fmt.Sprintf("round-trip time %s: the median of connect timings (%d)", s.Network.RTT, len(handshakes)))
	} else {
		notes = append(notes, fmt.Sprintf("no connect timings: assumed a round-trip time of %s", s.Network.RTT))
	}
	secure := 0
	for _, x := range all {
		if x.url.Scheme == "https" {
			secure++
		}
	}
	s.TLS.Enabled = secure > 0
	if secure > 0 && secure < len(all) {
		notes = append(notes, fmt.Sprintf("%d requests were not encrypted: the scenario encrypts all", len(all)-secure))
	}
	return notes
}

// estimateHeaders sets the sizes of header blocks to the medians.
func (s *Scenario) estimateHeaders(all []*exchange) {
	var requests, responses []float64
	for _, x := range all {
		e := x.entry
		line := float64(len(x.method) + len(x.url.RequestURI()) + len("  HTTP/1.1\r\n"))
		if n, ok := blockSize(e.Request.HeadersSize, line, e.Request.Headers); ok {
			requests = append(requests, n)
		}
		line = float64(len("HTTP/1.1 200 \r\n") + len(e.Response.StatusText))
		if n, ok := blockSize(e.Response.HeadersSize, line, e.Response.Headers); ok {
			responses = append(responses, n)
		}
	}
	if len(requests) > 0 {
		s.Clients.RequestHeaders = Size(min(max(median(requests), 200), 16_000))
	}
	if len(responses) > 0 {
		s.Servers.ResponseHeaders = Size(min(max(median(responses), 150), 16_000))
	}
}

// blockSize returns the size of a header block without its first line, as told
// or, for HTTP/2 where browsers do not tell, as HTTP/1.1 would write it.
func blockSize(told harNumber, line float64, headers []harHeader) (float64, bool) {
	if n, ok := told.positive(); ok && n > line {
		return n - line, true
	}
	n := 2.0
	for _, h := range headers {
		if !strings.HasPrefix(h.Name, ":") {
			n += float64(len(h.Name) + len(": \r\n") + len(h.Value))
		}
	}
	return n, len(headers) > 0
}

// median returns the middle of values, or the lower of the two middles.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// wholeMillis returns a duration rounded to milliseconds: a recording is not
// more exact.
func wholeMillis(ms float64) Duration {
	return Duration(time.Duration(ms * float64(time.Millisecond)).Round(time.Millisecond))
}

// fileName returns the last part of a URL's path as a name.
func (x *exchange) fileName() string { return slug(path.Base(x.url.Path)) }
