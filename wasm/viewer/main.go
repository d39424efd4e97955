//go:build js && wasm

package main

import (
	"syscall/js"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"protosim/viz/palette"
	"protosim/viz/stage"
)

// game is the stage as Ebiten runs it.
type game struct {
	glyphs *atlas
	stage  *stage.Stage
	scene  *stage.Scene
	brush  *brush

	scale    float64 // device pixels to a CSS pixel
	last     time.Time
	told     time.Time // when listeners last heard of the time
	cost     cost
	dirty    bool
	ready    bool
	theme    string
	listener js.Value
	canvas   js.Value
}

func main() {
	g := &game{scale: ebiten.Monitor().DeviceScaleFactor(), theme: "auto", dirty: true, last: time.Now()}
	g.glyphs = newAtlas(g.scale)
	g.stage = stage.New(g.glyphs)
	g.scene = stage.NewScene(g.glyphs)
	g.brush = newBrush(g.glyphs)
	g.watch()
	g.export()
	ebiten.SetTPS(ebiten.SyncWithFPS)
	ebiten.SetScreenClearedEveryFrame(false)
	if err := ebiten.RunGame(g); err != nil {
		js.Global().Get("console").Call("error", "protosim: the stage has stopped: "+err.Error())
	}
}

// Update lets time pass.
func (g *game) Update() error {
	now := time.Now()
	wall := now.Sub(g.last)
	g.last = now
	if !g.stage.Pass(wall) {
		return nil
	}
	g.dirty = true
	if !g.stage.Playing || now.Sub(g.told) >= 100*time.Millisecond {
		g.tellTime()
	}
	return nil
}

// Draw draws the stage if anything has changed.
func (g *game) Draw(screen *ebiten.Image) {
	if !g.dirty {
		return
	}
	g.dirty = false
	g.cost.of(func() {
		g.stage.Draw(g.scene)
		g.brush.paint(screen, g.scene)
	})
	if !g.ready {
		g.ready = true
		g.tell("ready", "{}")
	}
}

// Layout is as large as the window, in device pixels.
func (g *game) Layout(w, h int) (int, int) { panic("Ebiten asks LayoutF") }

// LayoutF is Layout without rounding.
func (g *game) LayoutF(w, h float64) (float64, float64) {
	if scale := ebiten.Monitor().DeviceScaleFactor(); scale != g.scale {
		g.scale = scale
		g.glyphs.rescale(scale)
		g.dirty = true
	}
	if sw, sh := g.stage.Size(); sw != w || sh != h {
		g.stage.Resize(w, h)
		g.dirty = true
	}
	return w * g.scale, h * g.scale
}

// dress gives the stage the theme.
func (g *game) dress() {
	dark := g.theme == "dark"
	if g.theme == "auto" {
		dark = js.Global().Call("matchMedia", "(prefers-color-scheme: dark)").Get("matches").Bool()
	}
	g.stage.Dark, g.dirty = dark, true
	paper := palette.Paper.Light
	if dark {
		paper = palette.Paper.Dark
	}
	js.Global().Get("document").Get("body").Get("style").Set("backgroundColor", paper.Hex())
}
