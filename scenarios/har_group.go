package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// group holds exchanges that differ in nothing but their sizes: they wait for
// the same, and the same waits for all of them. Describing them as one
// resource therefore changes nothing.
type group struct {
	members []int
	name    string
}

// groupExchanges turns exchanges into resources, alike ones into one.
func groupExchanges(all []*exchange, services []harNumber, usual Duration) []Resource {
	dependents := make([][]int, len(all))
	for i, x := range all {
		for _, j := range x.after {
			dependents[j] = append(dependents[j], i)
		}
	}
	var groups []*group
	byKey := make(map[string]*group)
	groupOf := make([]*group, len(all))
	for i, x := range all {
		key := fmt.Sprint(x.kind, " ", x.host, " ", x.method, " ", x.sent, " ", x.after, " ", dependents[i])
		g, known := byKey[key]
		if !known {
			g = &group{}
			byKey[key] = g
			groups = append(groups, g)
		}
		g.members = append(g.members, i)
		groupOf[i] = g
	}
	nameGroups(groups, all)
	resources := make([]Resource, len(groups))
	for n, g := range groups {
		resources[n] = g.resource(all, services, usual)
		for _, j := range all[g.members[0]].after {
			if name := groupOf[j].name; !slices.Contains(resources[n].After, name) {
				resources[n].After = append(resources[n].After, name)
			}
		}
	}
	return resources
}

// nameGroups gives each group a name of its own: the file's for a single
// exchange, the kind's for several.
func nameGroups(groups []*group, all []*exchange) {
	taken := make(map[string]bool)
	for n, g := range groups {
		x := all[g.members[0]]
		name := x.kind
		if len(g.members) == 1 {
			name = x.fileName()
			if x.kind == "documents" && (n == 0 || name == "") {
				name = "document"
			}
			if name == "" {
				name = strings.TrimSuffix(x.kind, "s")
			}
		}
		g.name = name
		for number := 2; taken[g.name]; number++ {
			g.name = fmt.Sprintf("%s-%d", name, number)
		}
		taken[g.name] = true
	}
}

// resource describes the group.
func (g *group) resource(all []*exchange, services []harNumber, usual Duration) Resource {
	first := all[g.members[0]]
	r := DefaultResource(g.name)
	r.Host, r.Method, r.Body, r.Count = first.host, first.method, first.sent, len(g.members)
	r.Path = requestPath(first)
	var sizes []Size
	var times []Duration
	for _, i := range g.members {
		sizes = append(sizes, all[i].body)
		if services[i].known {
			times = append(times, wholeMillis(services[i].value))
		}
	}
	r.Size = listed(sizes)
	if len(times) > 0 {
		if d := listed(times); d.Shape != Constant || d.Mean != usual {
			r.ServiceTime = &d
		}
	}
	return r
}

// listed returns the distribution of the values: a constant when all are equal.
func listed[T Duration | Size](values []T) Dist[T] {
	if !slices.ContainsFunc(values, func(v T) bool { return v != values[0] }) {
		return Always(values[0])
	}
	return Dist[T]{Shape: Listed, Values: values}
}

// requestPath returns the path of the request. A query may hold secrets, so
// only its length is kept.
func requestPath(x *exchange) string {
	const longest = 4000
	text := x.url.EscapedPath()
	if !strings.HasPrefix(text, "/") {
		text = "/" + text
	}
	if n := len(x.url.RawQuery); n > 0 {
		text += "?" + strings.Repeat("x", min(n, longest))
	}
	text = strings.Map(func(r rune) rune {
		if r < '!' || r > '~' {
			return '_'
		}
		return r
	}, text)
	return text[:min(len(text), longest)]
}
