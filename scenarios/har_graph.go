package scenarios

import (
	"cmp"
	"net/url"
	"slices"
	"time"
)

// sortByStart puts exchanges into the order in which they started. A CORS
// preflight goes before the request that it clears, which Chrome dates earlier.
func sortByStart(all []*exchange) {
	for _, p := range all {
		if !p.isPreflight() {
			continue
		}
		for _, x := range all {
			if x.clearedBy(p) && x.start <= p.start {
				p.start = x.start
				break
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *exchange) int {
		if order := cmp.Compare(a.start, b.start); order != 0 {
			return order
		}
		if a.isPreflight() != b.isPreflight() && a.url.String() == b.url.String() {
			if a.isPreflight() {
				return -1
			}
			return 1
		}
		return 0
	})
}

func (x *exchange) isPreflight() bool {
	return x.entry.Initiator.Type == "preflight" || x.method == "OPTIONS"
}

// clearedBy reports whether preflight asks for x.
func (x *exchange) clearedBy(preflight *exchange) bool {
	return x != preflight && !x.isPreflight() && x.url.String() == preflight.url.String()
}

// connect finds what each exchange waited for. An exchange only ever depends
// on earlier ones, so there are no cycles.
func connect(all []*exchange) {
	document := mainDocument(all)
	initiated := slices.ContainsFunc(all, func(x *exchange) bool { return x.entry.Initiator.Type != "" })
	for i, x := range all {
		switch {
		case redirectTo(all, i) >= 0:
			x.after = []int{redirectTo(all, i)}
		case i <= document:
		case initiated:
			x.after = []int{initiatorOf(all, i, document)}
		default:
			x.after = completedBefore(all, i, document)
		}
		if p := preflightOf(all, i); p >= 0 {
			all[p].after = slices.DeleteFunc(x.after, func(j int) bool { return j >= p })
			x.after = []int{p}
		}
	}
}

// mainDocument returns the first document, or else the first exchange.
func mainDocument(all []*exchange) int {
	return max(0, slices.IndexFunc(all, func(x *exchange) bool { return x.kind == "documents" }))
}

// redirectTo returns the latest exchange before i that redirected to it, or -1.
func redirectTo(all []*exchange, i int) int {
	for j := i - 1; j >= 0; j-- {
		if all[j].kind != "redirects" {
			continue
		}
		if target, err := all[j].url.Parse(all[j].entry.Response.RedirectURL); err == nil && sameURL(target, all[i].url) {
			return j
		}
	}
	return -1
}

// preflightOf returns the latest preflight before i that cleared it, or -1.
func preflightOf(all []*exchange, i int) int {
	for j := i - 1; j >= 0; j-- {
		if all[j].isPreflight() && all[i].clearedBy(all[j]) {
			return j
		}
	}
	return -1
}

// initiatorOf returns the exchange that made i happen: what a parser was
// reading, or the script nearest to the call. Without one it is the document.
func initiatorOf(all []*exchange, i, document int) int {
	initiator := all[i].entry.Initiator
	candidates := []string{initiator.URL}
	const deepest = 100
	stack := &initiator.Stack
	for depth := 0; stack != nil && depth < deepest; depth++ {
		for _, frame := range stack.Frames[:min(len(stack.Frames), deepest)] {
			candidates = append(candidates, frame.URL)
		}
		stack = stack.Parent
	}
	for _, text := range candidates {
		u, err := url.Parse(text)
		if err != nil || text == "" {
			continue
		}
		for j := i - 1; j >= 0; j-- {
			if sameURL(all[j].url, u) && all[j].kind != "redirects" {
				return j
			}
		}
	}
	return document
}

// completedBefore infers what i waited for from the times: all that had
// completed before it started and can name others, without those that others
// of them waited for.
func completedBefore(all []*exchange, i, document int) []int {
	var completed []int
	var latest time.Duration
	for j := range i {
		if all[j].end <= all[i].start && all[j].namesOthers() {
			completed = append(completed, j)
			latest = max(latest, all[j].start)
		}
	}
	completed = slices.DeleteFunc(completed, func(j int) bool { return all[j].end <= latest && all[j].start < latest })
	if len(completed) > 1 { // all others wait for the document
		completed = slices.DeleteFunc(completed, func(j int) bool { return j == document })
	}
	if len(completed) == 0 {
		return []int{document} // it began while the document was still arriving
	}
	return completed
}

// namesOthers reports whether a resource of this kind can make a browser ask
// for another.
func (x *exchange) namesOthers() bool {
	return x.kind != "images" && x.kind != "fonts" && x.kind != "media"
}

// sameURL compares URLs apart from fragments.
func sameURL(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Host == b.Host && a.EscapedPath() == b.EscapedPath() && a.RawQuery == b.RawQuery
}
