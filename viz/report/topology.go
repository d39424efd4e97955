package report

import (
	"fmt"
	"slices"
	"strings"

	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// node is a column of the topology: a kind of machine.
type node struct {
	title string
	lines []string
	link  string // what leads to it
	under string // a second line about the link
}

// nodes are what stands between a client and its data, from left to right.
func nodes(s *scenarios.Scenario) []node {
	list := []node{{title: chart.Plural(s.Clients.Count, "client"), lines: []string{
		"down " + rateText(s.Network.Down), "up " + rateText(s.Network.Up),
	}}}
	path, under := "RTT "+s.Network.RTT.String(), ""
	if s.Network.Down.Loss > 0 || s.Network.Up.Loss > 0 {
		under = fmt.Sprintf("loss %s, %s", s.Network.Down.Loss, s.Network.Up.Loss)
	}
	if s.TLS.Enabled {
		path += ", TLS"
	}
	if len(s.Firewalls) > 0 {
		behind := scenarios.Ratio(0)
		for _, f := range s.Firewalls {
			behind += f.Share
		}
		list = append(list, node{title: chart.Plural(len(s.Firewalls), "firewall"), lines: []string{fmt.Sprintf("before %.4g %% of the clients", 100*float64(behind))}})
	}
	if c := s.Cache; c.Caches() {
		list = append(list, node{title: chart.Plural(c.Edges, "cache"), lines: []string{c.Memory.String() + ", " + c.Policy}, link: path, under: under})
		path, under = "", ""
		if c.Shield {
			list = append(list, node{title: "shield", lines: []string{c.Memory.String() + ", " + c.Policy}})
		}
		if s.Servers.RTT > 0 {
			path = "RTT " + s.Servers.RTT.String()
		}
	}
	if b := s.Balancer; b.Kind != "" && b.Kind != "none" {
		upgrades := "no upgrades"
		if b.Upgrade {
			upgrades = "upgrades pass"
		}
		list = append(list, node{title: b.Kind + " balancer", lines: []string{b.Policy, upgrades}, link: path, under: under})
		path, under = "", ""
	}
	server := node{title: chart.Plural(max(s.Servers.Count, 1), "server"), link: path, under: under}
	if hosts := hosts(s); len(hosts) > 1 {
		server.title = fmt.Sprintf("%d hosts", len(hosts))
		server.lines = append(server.lines, ellipsis(strings.Join(hosts, ", ")))
	}
	if s.Servers.Concurrency > 0 {
		server.lines = append(server.lines, fmt.Sprintf("%d requests at a time", s.Servers.Concurrency))
	}
	list = append(list, server)
	if slices.ContainsFunc(s.Strategies, func(st scenarios.Strategy) bool { return s.Workload == "session" && s.StateUnder(st) == "store" }) {
		list = append(list, node{title: "session store", lines: []string{"Redis"}, link: "RTT " + s.Store.RTT.String()})
	}
	return list
}

func rateText(l scenarios.Link) string {
	if l.Bandwidth == 0 {
		return "unlimited"
	}
	return l.Bandwidth.String()
}

// hosts are the names that the page is loaded from.
func hosts(s *scenarios.Scenario) []string {
	var names []string
	for _, r := range s.Page.Resources {
		if s.Workload == "page" && !slices.Contains(names, r.Host) {
			names = append(names, r.Host)
		}
	}
	return names
}

func ellipsis(text string) string {
	const most = 26
	if len(text) > most {
		return text[:most-1] + "…"
	}
	return text
}

// topology draws the nodes and what joins them.
func topology(s *scenarios.Scenario) *figure.Scene {
	const width, height, boxWidth, boxHeight = 960, 150, 180, 90
	list := nodes(s)
	scene := &figure.Scene{Width: width, Height: height, Title: "What was simulated", Alt: topologyText(s)}
	gap := (width - 2.0 - boxWidth*float64(len(list))) / float64(len(list)-1)
	const top = (height - boxHeight) / 2.0
	for i, n := range list {
		x := 1 + float64(i)*(boxWidth+gap)
		if i > 0 {
			y := height / 2.0
			scene.Paths = append(scene.Paths,
				figure.Path{Points: []figure.Point{{X: x - gap, Y: y}, {X: x, Y: y}}, Stroke: figure.Edge, Width: 1.5},
				figure.Path{Points: []figure.Point{{X: x - 8, Y: y - 4}, {X: x, Y: y}, {X: x - 8, Y: y + 4}}, Stroke: figure.Edge, Width: 1.5})
			centre(scene, n.link, x-gap/2, y-8, 13, false, figure.Muted)
			centre(scene, n.under, x-gap/2, y+18, 13, false, figure.Muted)
		}
		scene.Paths = append(scene.Paths, figure.Path{
			Points: []figure.Point{{X: x, Y: top}, {X: x + boxWidth, Y: top}, {X: x + boxWidth, Y: top + boxHeight}, {X: x, Y: top + boxHeight}},
			Fill:   figure.Faint, Stroke: figure.Edge, Width: 1, Closed: true,
		})
		y := height/2.0 + 5 - 9*float64(len(n.lines))
		centre(scene, n.title, x+boxWidth/2, y, 15, true, figure.Strong)
		for _, line := range n.lines {
			y += 18
			centre(scene, line, x+boxWidth/2, y, 13, false, figure.Strong)
		}
	}
	return scene
}

// centre adds a text in the middle of x.
func centre(s *figure.Scene, text string, x, y, size float64, bold bool, ink figure.Ink) {
	if text == "" {
		return
	}
	x -= figure.TextWidth(text, size, bold) / 2
	s.Texts = append(s.Texts, figure.Text{At: figure.Point{X: x, Y: y}, Text: text, Size: size, Bold: bold, Ink: ink})
}

// topologyText says in words what the drawing shows.
func topologyText(s *scenarios.Scenario) string {
	var parts []string
	for _, n := range nodes(s) {
		part := n.title
		if len(n.lines) > 0 {
			part += " (" + strings.Join(n.lines, ", ") + ")"
		}
		if n.link != "" {
			part = "over " + strings.TrimSuffix(n.link+", "+n.under, ", ") + " to " + part
		} else if len(parts) > 0 {
			part = "to " + part
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}
