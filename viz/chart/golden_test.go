package chart_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"

	"protosim/model/result"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// Pictures of the shipped scenarios look as they did: all charts of a scenario,
// small, on one sheet, compared so that a pixel of anti-aliasing is nothing.
func TestPicturesLookAsTheyDid(t *testing.T) {
	if testing.Short() {
		t.Skip("draws many pictures")
	}
	for name, r := range stored(t) {
		t.Run(name, func(t *testing.T) {
			mustLookAsItDid(t, sheet(r), filepath.Join("testdata", name+".png"))
		})
	}
}

// mustLookAsItDid compares a picture with the one that is kept.
func mustLookAsItDid(t *testing.T, got image.Image, path string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		var b bytes.Buffer
		if err := png.Encode(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if d, at := difference(got, want); d > tolerance {
		t.Errorf("%s differs by %.3f around %v: UPDATE_GOLDEN=1 accepts it; look at it then", path, d, at)
	}
}

const (
	thumbWidth, thumbHeight = 240, 135
	sheetColumns            = 3
)

// sheet draws all charts of a result, small, on one picture.
func sheet(r *result.Result) *image.RGBA {
	kinds := chart.Kinds()
	rows := (len(kinds) + sheetColumns - 1) / sheetColumns
	all := image.NewRGBA(image.Rect(0, 0, sheetColumns*thumbWidth, rows*thumbHeight))
	for i, k := range kinds {
		picture := figure.Layout(k.Figure(r)).Image(.25)
		corner := image.Pt(i%sheetColumns*thumbWidth, i/sheetColumns*thumbHeight)
		draw.Draw(all, picture.Bounds().Add(corner), picture, image.Point{}, draw.Src)
	}
	return all
}

// tile is the side of the squares that are compared, in pixels: of a picture at
// a quarter of its size as much as a label takes.
const tile = 12

// tolerance is the difference of a tile that anti-aliasing may make.
const tolerance = .008

// difference is the largest mean distance of the pixels of a tile, 0 to 1, and
// where that is. One label more or less is a few tiles, and nothing beside all
// of a picture.
func difference(a, b image.Image) (worst float64, at image.Point) {
	bounds := a.Bounds()
	if bounds != b.Bounds() {
		return 1, bounds.Min
	}
	rgba := func(m image.Image) *image.RGBA {
		c := image.NewRGBA(bounds)
		draw.Draw(c, bounds, m, bounds.Min, draw.Src)
		return c
	}
	x, y := rgba(a), rgba(b)
	for top := bounds.Min.Y; top < bounds.Max.Y; top += tile {
		for left := bounds.Min.X; left < bounds.Max.X; left += tile {
			part := image.Rect(left, top, left+tile, top+tile).Intersect(bounds)
			if d := apart(x, y, part); d > worst {
				worst, at = d, part.Min
			}
		}
	}
	return worst, at
}

// apart is the mean distance of the colours of the pixels in a part.
func apart(a, b *image.RGBA, part image.Rectangle) float64 {
	sum := 0.0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			p, q := a.RGBAAt(x, y), b.RGBAAt(x, y)
			for _, d := range []float64{float64(p.R) - float64(q.R), float64(p.G) - float64(q.G), float64(p.B) - float64(q.B)} {
				sum += max(d, -d) / 255
			}
		}
	}
	return sum / float64(3*part.Dx()*part.Dy())
}

// The tolerance is worth something: with a label, a line or a fault less it is
// another picture, though nearly all of it is the same.
func TestDifferenceTellsPicturesApart(t *testing.T) {
	kind, _ := chart.Named("service")
	r := stored(t)["rolling-deploy"]
	picture := func(change func(*figure.Panel)) image.Image {
		f := kind.Figure(r)
		change(&f.Rows[0].Panels[0])
		return figure.Layout(f).Image(.25)
	}
	as := picture(func(*figure.Panel) {})
	if d, _ := difference(as, picture(func(*figure.Panel) {})); d != 0 {
		t.Errorf("a picture differs from itself by %v", d)
	}
	for what, change := range map[string]func(*figure.Panel){
		"no label of the fault": func(p *figure.Panel) { p.Labels = nil },
		"no shade of the fault": func(p *figure.Panel) { p.Bands = nil },
		"a line's name":         func(p *figure.Panel) { p.Lines[len(p.Lines)-1].Name = "" },
		"a line less":           func(p *figure.Panel) { p.Lines = p.Lines[:len(p.Lines)-1] },
		"another title":         func(p *figure.Panel) { p.Title = "Clients with service" },
	} {
		if d, _ := difference(as, picture(change)); d <= tolerance {
			t.Errorf("%s makes a difference of only %.4f", what, d)
		}
	}
}
