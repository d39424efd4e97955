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
		list = append(list, node{title: chart.Plural(len(s.Firewalls), "firewall"), lines: []string{"before", fmt.Sprintf("%.4g %% of clients", 100*float64(behind))}})
	}
	if c := s.Cache; c.Caches() {
		list = append(list, node{title: chart.Plural(c.Edges, "cache"), lines: []string{c.Memory.String(), strings.ToUpper(c.Policy)}, link: path, under: under})
		path, under = "", ""
		if c.Shield {
			list = append(list, node{title: "shield", lines: []string{c.Memory.String(), strings.ToUpper(c.Policy)}})
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
		server.lines = append(server.lines, fmt.Sprintf("%d at a time", s.Servers.Concurrency))
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

// Sizes in the drawing, in points.
const (
	topologyWidth, topologyHeight = 960, 150
	titleSize, lineSize           = 15, 13
	boxHeight                     = 90
	padding                       = 10 // beside texts in boxes
	least                         = 34 // between boxes, for an arrow
)

// topology draws the nodes and what joins them, each as wide as its texts. Where
// there are too many, texts and all become smaller.
func topology(s *scenarios.Scenario) *figure.Scene {
	list := nodes(s)
	scene := &figure.Scene{Width: topologyWidth, Height: topologyHeight, Title: "What was simulated", Alt: topologyText(s)}
	size := 1.0
	for ; size > .5; size -= .02 {
		if used := sum(widths(list, size)) + sum(gaps(list, size)); used <= topologyWidth-2 {
			break
		}
	}
	boxes, between := widths(list, size), gaps(list, size)
	spare := topologyWidth - 2 - sum(boxes) - sum(between)
	const y = topologyHeight / 2.0
	const top = (topologyHeight - boxHeight) / 2.0
	x := 1.0
	for i, n := range list {
		if i > 0 {
			gap := between[i] + spare/float64(len(list)-1)
			end := x + gap
			scene.Paths = append(scene.Paths,
				figure.Path{Points: []figure.Point{{X: x, Y: y}, {X: end, Y: y}}, Stroke: figure.Edge, Width: 1.5},
				figure.Path{Points: []figure.Point{{X: end - 8, Y: y - 4}, {X: end, Y: y}, {X: end - 8, Y: y + 4}}, Stroke: figure.Edge, Width: 1.5})
			centre(scene, n.link, x+gap/2, y-8, lineSize*size, false, figure.Muted)
			centre(scene, n.under, x+gap/2, y+18, lineSize*size, false, figure.Muted)
			x = end
		}
		w := boxes[i]
		scene.Paths = append(scene.Paths, figure.Path{
			Points: []figure.Point{{X: x, Y: top}, {X: x + w, Y: top}, {X: x + w, Y: top + boxHeight}, {X: x, Y: top + boxHeight}},
			Fill:   figure.Faint, Stroke: figure.Edge, Width: 1, Closed: true,
		})
		line := y + 5 - 9*float64(len(n.lines))
		centre(scene, n.title, x+w/2, line, titleSize*size, true, figure.Strong)
		for _, text := range n.lines {
			line += 18
			centre(scene, text, x+w/2, line, lineSize*size, false, figure.Strong)
		}
		x += w
	}
	return scene
}

// widths are those of the boxes with texts of a relative size.
func widths(list []node, size float64) []float64 {
	var all []float64
	for _, n := range list {
		w := figure.TextWidth(n.title, titleSize*size, true)
		for _, line := range n.lines {
			w = max(w, figure.TextWidth(line, lineSize*size, false))
		}
		all = append(all, w+2*padding)
	}
	return all
}

// gaps are the least spaces before the boxes.
func gaps(list []node, size float64) []float64 {
	all := []float64{0}
	for _, n := range list[1:] {
		text := max(figure.TextWidth(n.link, lineSize*size, false), figure.TextWidth(n.under, lineSize*size, false))
		all = append(all, max(text+2*padding, least))
	}
	return all
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
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
