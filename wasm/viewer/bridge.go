//go:build js && wasm

package main

import (
	"bytes"
	"strconv"
	"syscall/js"
	"time"

	"protosim/model/trace"
	"protosim/viz/stage"
)

const historyLines = 40

// export puts the interface on the window, and on the parent's where the stage
// is in an iframe.
func (g *game) export() {
	object := js.Global().Get("Object").New()
	get := func(name string, f func(args []js.Value) any) {
		object.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any { return f(args) }))
	}
	set := func(name string, f func(args []js.Value) any) {
		get(name, func(args []js.Value) any {
			g.dirty = true
			return f(args)
		})
	}
	set("reset", func(args []js.Value) any { return g.reset(text(args, 0)) })
	set("load", func(args []js.Value) any {
		if len(args) < 2 {
			return "load takes a strategy and a trace"
		}
		return g.load(text(args, 0), args[1], int(number(args, 2)), len(args) > 3 && args[3].Truthy())
	})
	set("play", func([]js.Value) any { g.stage.Play(); g.tellTime(); return nil })
	set("pause", func([]js.Value) any { g.stage.Pause(); g.tellTime(); return nil })
	set("seek", func(args []js.Value) any {
		g.stage.Seek(time.Duration(number(args, 0) * float64(time.Millisecond)))
		g.tellTime()
		return nil
	})
	set("speed", func(args []js.Value) any { g.stage.SetSpeed(number(args, 0)); g.tellTime(); return nil })
	set("step", func(args []js.Value) any {
		direction := 1
		if number(args, 0) < 0 {
			direction = -1
		}
		g.stage.Step(direction)
		g.tellTime()
		return nil
	})
	set("nextFault", func([]js.Value) any { g.stage.NextFault(); g.tellTime(); return nil })
	set("theme", func(args []js.Value) any { g.theme = text(args, 0); g.dress(); return nil })
	set("select", func(args []js.Value) any { g.stage.Choose(g.find(text(args, 0), text(args, 1))); return nil })
	get("history", func(args []js.Value) any {
		t := g.find(text(args, 0), text(args, 1))
		return string(appendLines(nil, g.history(t)))
	})
	get("cost", func([]js.Value) any { return g.cost.restart() })
	get("state", func([]js.Value) any { return string(g.state()) })
	get("on", func(args []js.Value) any {
		if len(args) > 0 {
			g.listener = args[len(args)-1]
		}
		if g.ready {
			g.tell("ready", "{}")
		}
		return nil
	})
	window := js.Global()
	window.Set("protosimStage", object)
	if parent := window.Get("parent"); parent.Truthy() && !parent.Equal(window) {
		parent.Set("protosimStage", object)
	}
}

func text(args []js.Value, i int) string {
	if i < len(args) && args[i].Type() == js.TypeString {
		return args[i].String()
	}
	return ""
}

func number(args []js.Value, i int) float64 {
	if i < len(args) && args[i].Type() == js.TypeNumber {
		return args[i].Float()
	}
	return 0
}

// reset begins anew with the strategies of a scenario.
func (g *game) reset(scenario string) any {
	var strategies []string
	var length time.Duration
	if s := parseJSON(scenario); s.Type() == js.TypeObject {
		list := s.Get("strategies")
		if list.Type() == js.TypeObject {
			for i := range list.Length() {
				strategies = append(strategies, list.Index(i).String())
			}
		}
		switch d := s.Get("duration"); d.Type() {
		case js.TypeString:
			length, _ = time.ParseDuration(d.String())
		case js.TypeNumber:
			length = time.Duration(d.Float() * float64(time.Millisecond))
		}
	}
	g.stage.Reset(length, strategies...)
	g.tellTime()
	return nil
}

// parseJSON reads JSON with the browser's parser; what is none is undefined.
func parseJSON(text string) (v js.Value) {
	defer func() {
		if recover() != nil {
			v = js.Undefined()
		}
	}()
	return js.Global().Get("JSON").Call("parse", text)
}

// load shows a trace, and returns what is wrong with it.
func (g *game) load(strategy string, from js.Value, memory int, part bool) any {
	if from.Type() != js.TypeObject || from.Get("byteLength").Type() != js.TypeNumber {
		return "the trace is no Uint8Array"
	}
	// An array of the page is none of this window's.
	array := js.Global().Get("Uint8Array")
	if from.Get("buffer").Truthy() {
		from = array.New(from.Get("buffer"), from.Get("byteOffset"), from.Get("byteLength"))
	} else {
		from = array.New(from)
	}
	encoded := make([]byte, from.Get("byteLength").Int())
	js.CopyBytesToGo(encoded, from)
	read := stage.Read
	if part {
		read = stage.ReadPart
	}
	reel, err := read(strategy, bytes.NewReader(encoded))
	if err != nil {
		return err.Error()
	}
	reel.Memory = memory
	g.stage.Load(reel)
	g.tellTime()
	return ""
}

// find is the host of a lane with that name.
func (g *game) find(strategy, name string) stage.Target {
	if l := g.stage.Lane(strategy); l != nil && l.Reel != nil {
		if p := l.Reel.Place(name); p >= 0 {
			return stage.Target{Lane: l, Host: p}
		}
	}
	return stage.Target{}
}

func (g *game) history(t stage.Target) []string {
	if t.Lane == nil {
		return nil
	}
	return g.stage.Sync(t.Lane).History(t.Host, historyLines)
}

// tell tells the listener.
func (g *game) tell(event, json string) {
	if g.listener.Type() == js.TypeFunction {
		g.listener.Invoke(event, json)
	}
}

func (g *game) tellTime() {
	g.told = time.Now()
	g.tell("time", string(append(g.clock(nil), '}')))
}

// clock begins an object with what the player says.
func (g *game) clock(b []byte) []byte {
	b = append(b, `{"now_ms":`...)
	b = appendMs(b, g.stage.Now)
	b = append(b, `,"end_ms":`...)
	b = appendMs(b, g.stage.End)
	b = append(b, `,"known_ms":`...)
	b = appendMs(b, g.stage.Known())
	b = append(b, `,"playing":`...)
	b = strconv.AppendBool(b, g.stage.Playing)
	b = append(b, `,"speed":`...)
	return strconv.AppendFloat(b, g.stage.Speed(), 'g', -1, 64)
}

// state is what is on the stage.
func (g *game) state() []byte {
	b := append(g.clock(nil), `,"lanes":[`...)
	for i, l := range g.stage.Lanes() {
		if i > 0 {
			b = append(b, ',')
		}
		s := g.stage.Sync(l)
		b = append(b, `{"strategy":`...)
		b = appendString(b, l.Strategy)
		b = append(b, `,"loaded":`...)
		b = strconv.AppendBool(b, s != nil)
		b = appendRect(b, l.Bounds())
		if s != nil {
			t := &s.Total
			b = appendInts(b, []string{"sessions", "lost", "connected", "connections", "requests", "failed", "under_way", "delivered"},
				t.Sessions, t.Lost, t.Connected, t.Connections, t.Requests, t.Failed, int32(len(s.Open)), t.Delivered)
			b = append(b, `,"hosts":[`...)
			first := true
			for place, h := range l.Reel.Hosts {
				if h.Role == trace.Client {
					continue
				}
				if !first {
					b = append(b, ',')
				}
				first = false
				target := stage.Target{Lane: l, Host: int32(place)}
				b = append(g.describe(b, target), ',')
				b = b[:len(b)-1]
				k := &s.Hosts[place]
				b = appendInts(b, []string{"sessions", "connections", "load", "served", "pushed", "hits", "misses", "refusals", "memory_bytes"},
					k.Sessions, k.Connections, k.Load, k.Served, k.Pushed, k.Hits, k.Misses, k.Refusals, k.Connections*int32(l.Reel.Memory))
				b = appendRect(b, g.stage.Bounds(target))
				b = append(b, '}')
			}
			b = append(b, ']')
		}
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

// describe begins an object with what a thing is.
func (g *game) describe(b []byte, t stage.Target) []byte {
	name, role, condition := g.stage.Describe(t)
	b = append(b, `{"name":`...)
	b = appendString(b, name)
	b = append(b, `,"role":`...)
	b = appendString(b, role)
	b = append(b, `,"condition":`...)
	return appendString(b, condition)
}

// found is the message about a thing at a point.
func (g *game) found(t stage.Target, p stage.Point, history bool) string {
	b := g.describe(nil, t)
	b = append(b, `,"strategy":`...)
	strategy := ""
	if t.Lane != nil {
		strategy = t.Lane.Strategy
	}
	b = appendString(b, strategy)
	b = append(b, `,"x":`...)
	b = appendNumber(b, p.X)
	b = append(b, `,"y":`...)
	b = appendNumber(b, p.Y)
	if history {
		b = append(b, `,"text":`...)
		b = appendLines(b, g.history(t))
	}
	return string(append(b, '}'))
}
