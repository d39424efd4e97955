//go:build js && wasm

package main

import (
	"syscall/js"

	"protosim/viz/stage"
)

// touchReach is how far a finger may miss.
const touchReach = 14

// watch listens to the window itself instead of leaving that to Ebiten, which
// would keep the page from being scrolled with wheel or finger over the stage,
// and keys from reaching the page.
func (g *game) watch() {
	window, document := js.Global(), js.Global().Get("document")
	capture := js.ValueOf(map[string]any{"capture": true, "passive": true})
	stop := js.FuncOf(func(_ js.Value, args []js.Value) any {
		args[0].Call("stopPropagation")
		return nil
	})
	for _, event := range []string{
		"wheel", "keydown", "keyup", "mousedown", "mousemove", "mouseup",
		"touchstart", "touchmove", "touchend", "contextmenu", "drop", "dragover",
	} {
		window.Call("addEventListener", event, stop, capture)
	}
	on := func(event string, f func(js.Value)) {
		window.Call("addEventListener", event, js.FuncOf(func(_ js.Value, args []js.Value) any {
			f(args[0])
			return nil
		}))
	}
	on("pointermove", func(e js.Value) {
		if e.Get("pointerType").String() != "touch" {
			g.hover(at(e))
		}
	})
	on("pointerout", func(js.Value) { g.leave() })
	on("click", func(e js.Value) {
		reach := 3.0
		if e.Get("pointerType").String() == "touch" {
			reach = touchReach
		}
		p := at(e)
		t := g.stage.At(p, reach)
		g.stage.Choose(t)
		g.dirty = true
		g.tell("select", g.found(t, p, true))
	})
	dark := window.Call("matchMedia", "(prefers-color-scheme: dark)")
	dark.Call("addEventListener", "change", js.FuncOf(func(js.Value, []js.Value) any {
		g.dress()
		return nil
	}))
	canvas := document.Call("querySelector", "canvas")
	if canvas.Truthy() {
		g.canvas = canvas
		canvas.Call("setAttribute", "tabindex", "-1")
		canvas.Call("setAttribute", "role", "img")
		canvas.Call("setAttribute", "aria-label", "The simulated system, one lane for each strategy")
	}
	g.dress()
}

// at is where an event happened.
func at(e js.Value) stage.Point {
	return stage.Point{X: e.Get("clientX").Float(), Y: e.Get("clientY").Float()}
}

func (g *game) hover(p stage.Point) {
	before := g.stage.Hovered()
	now := g.stage.Hover(p)
	if now.Lane != nil || before.Lane != nil {
		g.dirty = true
	}
	if now == before {
		return
	}
	cursor := "default"
	if now.Lane != nil {
		cursor = "pointer"
	}
	if g.canvas.Truthy() {
		g.canvas.Get("style").Set("cursor", cursor)
	}
	g.tell("hover", g.found(now, p, false))
}

func (g *game) leave() {
	if g.stage.Hovered().Lane != nil {
		g.stage.Leave()
		g.dirty = true
		g.tell("hover", g.found(stage.Target{}, stage.Point{}, false))
	}
}
