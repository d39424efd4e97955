package chart

import (
	"fmt"
	"strings"

	"protosim/model/result"
	"protosim/viz/figure"
)

// overheads are the kinds of overhead, in the order of the stack, and the
// shades of a strategy's colour that stand for them. A kind is a metric, less the
// part of it that is a kind of its own.
var overheads = []struct {
	metric, less, text string
	shade              float64
}{
	{"bytes.headers", "", "headers", 1},
	{"bytes.framing", "", "framing", .77},
	{"bytes.tls", "bytes.tls_handshakes", "TLS records", .63},
	{"bytes.tls_handshakes", "", "TLS handshakes", .51},
	{"bytes.tcp_ip", "bytes.tcp_handshakes", "TCP/IP", .39},
	{"bytes.tcp_handshakes", "", "TCP handshakes", .28},
	{"bytes.retransmitted", "", "sent again", .16},
}

// bytesSpent draws what each strategy's bytes are spent on: all of them, and
// the overhead of one request by its kind.
func bytesSpent(r *result.Result) *figure.Figure {
	f := &figure.Figure{Subtitle: "Bytes on the clients' access links, in both directions"}
	of := subjectOf(r)
	total := figure.Panel{Title: "All bytes: payload and overhead", X: figure.Axis{Bare: true}, Y: strategyAxis(r, true)}
	each := figure.Panel{Title: "Overhead of one " + of.one + ", by kind", Weight: 1.9, X: figure.Axis{Bare: true}, Y: strategyAxis(r, false)}
	for _, run := range r.Runs {
		if n := run.Metrics[of.metric]; n > 0 {
			of := 0.0
			for _, o := range overheads {
				of += max(run.Metrics[o.metric]-run.Metrics[o.less], 0) / n
			}
			each.X.Max = max(each.X.Max, of)
		}
	}
	for i, run := range r.Runs {
		totalBar(&total, run, float64(i)+.5)
		overheadBar(&each, run, run.Metrics[of.metric], each.X.Max, float64(i)+.5)
	}
	f.Rows = []figure.Row{{Panels: []figure.Panel{total, each}}}
	for _, o := range overheads {
		for _, run := range r.Runs {
			if run.Metrics[o.metric]-run.Metrics[o.less] > 0 {
				f.Key = append(f.Key, figure.Swatch{Ink: figure.Strong.Tint(o.shade), Text: o.text})
				break
			}
		}
	}
	s := overheadStanding(r, of)
	switch {
	case len(s.entries) == 0:
	case s.leaders == len(s.entries) && s.leaders > 1:
		f.Title = fmt.Sprintf("All strategies spend about %s of overhead on each %s", s.value("bytes"), of.one)
	case s.entries[0].value < 0:
		f.Title = savingTitle(s, of)
	default:
		f.Title = fmt.Sprintf("%s %s %s of overhead on each %s", s.best(), s.verb("spends", "spend"), s.value("bytes"), of.one)
		if s.leaders < len(s.entries) {
			f.Title += "; " + s.others("spends", "as much")
		}
	}
	return f
}

// savingTitle says who saves more by compression than all the rest costs, and
// what the others spend.
func savingTitle(s standing, of subject) string {
	var saving, spending []string
	for _, e := range s.entries {
		switch {
		case e.value < 0:
			saving = append(saving, fmt.Sprintf("%s under %s", brief("bytes", -e.value), e.strategy))
		case len(spending) == 0:
			spending = append(spending, fmt.Sprintf("%s spends %s", e.strategy, brief("bytes", e.value)))
		default:
			spending = append(spending, fmt.Sprintf("%s %s", e.strategy, brief("bytes", e.value)))
		}
	}
	text := fmt.Sprintf("On each %s compression saves more than all overhead: %s", of.one, list(saving))
	if len(spending) > 0 {
		text += "; " + strings.Join(spending, ", ")
	}
	return text
}

// overheadStanding ranks the runs by their overhead for each of the subject.
func overheadStanding(r *result.Result, of subject) standing {
	var entries []entry
	short := result.Short(r)
	for i, run := range r.Runs {
		if n := run.Metrics[of.metric]; n > 0 {
			entries = append(entries, entry{run.Strategy, run.Metrics["bytes.overhead"] / n, run.CI95["bytes.overhead"] / n, short[i]})
		}
	}
	s := rank(entries)
	s.unit = "bytes"
	return s
}

// totalBar is one strategy's payload and overhead.
func totalBar(p *figure.Panel, run result.Run, y float64) {
	payload, overhead := run.Metrics["bytes.payload"], run.Metrics["bytes.overhead"]
	all := payload + overhead
	if all <= 0 {
		return
	}
	share := fmt.Sprintf("%.0f %% overhead", 100*overhead/all)
	if overhead < 0 { // compression saves more than all the rest costs
		share = fmt.Sprintf("%.0f %% saved", -100*overhead/payload)
		payload = all
	}
	p.X.Max = max(p.X.Max, all)
	ink := AreaInk(run.Strategy)
	p.Boxes = append(p.Boxes,
		figure.Box{X1: payload, Y0: y - .3, Y1: y + .3, Ink: ink.Tint(.25)},
		figure.Box{X0: payload, X1: all, Y0: y - .3, Y1: y + .3, Ink: ink})
	text := brief("bytes", all)
	if payload > 0 {
		p.Labels = append(p.Labels, figure.Label{At: figure.Point{Y: y}, DX: 6, Text: "payload", Within: payload, Ink: figure.Strong})
	}
	p.Labels = append(p.Labels,
		figure.Label{At: figure.Point{X: all, Y: y}, DX: 5, DY: -8, Text: text, Bold: true},
		figure.Label{At: figure.Point{X: all, Y: y}, DX: 5, DY: 7, Text: share, Ink: figure.Muted, Size: 10.5})
	p.Room = append(p.Room, text, "100 % overhead")
}

// overheadBar is one strategy's overhead of one of its requests or events, kind
// beside kind. Kinds that are too small for a text stand in a line beneath.
func overheadBar(p *figure.Panel, run result.Run, requests, widest, y float64) {
	if requests <= 0 {
		return
	}
	at, gap := 0.0, widest/overheadWidth
	var small []string
	for _, o := range overheads {
		v := (run.Metrics[o.metric] - run.Metrics[o.less]) / requests
		if v < 0 {
			small = append(small, "compression saves "+brief("bytes", -v)) // more than that kind takes
		}
		if v <= 0 {
			continue
		}
		ink := AreaInk(run.Strategy).Tint(o.shade)
		p.Boxes = append(p.Boxes, figure.Box{X0: at, X1: at + max(v-gap, v/2), Y0: y - .3, Y1: y + .22, Ink: ink})
		text := o.text + " " + brief("bytes", v)
		if figure.TextWidth(text, tickText, false)+8 > overheadWidth*v/widest {
			small = append(small, text)
		} else {
			p.Labels = append(p.Labels, figure.Label{
				At: figure.Point{X: at + v/2, Y: y - .04}, Align: figure.Middle, Text: text, Ink: onArea(ink), Size: tickText,
			})
		}
		at += v
	}
	text := brief("bytes", run.Metrics["bytes.overhead"]/requests)
	p.Labels = append(p.Labels,
		figure.Label{At: figure.Point{X: at, Y: y - .04}, DX: 6, Text: text, Bold: true, Size: 13},
		figure.Label{At: figure.Point{Y: y + .34}, Text: strings.Join(small, " · "), Ink: figure.Muted, Size: 10, Optional: true})
	p.Room = append(p.Room, text+"0")
}

// The width of the panel of overheads and the size of its texts, in points.
const (
	overheadWidth = 440
	tickText      = 11.5
)
