package chart_test

import (
	"bytes"
	"image"
	"image/color"
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
	if d := difference(got, want); d > .002 {
		t.Errorf("%s differs by %.4f: UPDATE_GOLDEN=1 accepts it; look at it then", path, d)
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

// difference is the mean distance of two pictures' pixels, 0 to 1, after
// another shrinking by 4.
func difference(a, b image.Image) float64 {
	if a.Bounds() != b.Bounds() {
		return 1
	}
	small := func(m image.Image) *image.RGBA {
		s := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx()/4, m.Bounds().Dy()/4))
		draw.BiLinear.Scale(s, s.Bounds(), m, m.Bounds(), draw.Src, nil)
		return s
	}
	x, y := small(a), small(b)
	sum, n := 0.0, 0
	for i := range x.Pix {
		if i%4 == 3 {
			continue
		}
		d := float64(x.Pix[i]) - float64(y.Pix[i])
		sum += max(d, -d) / 255
		n++
	}
	return sum / float64(n)
}

// The tolerance is worth something: another figure is another picture.
func TestDifferenceTellsPicturesApart(t *testing.T) {
	a, b := image.NewRGBA(image.Rect(0, 0, 320, 180)), image.NewRGBA(image.Rect(0, 0, 320, 180))
	if difference(a, b) != 0 {
		t.Error("a picture differs from itself")
	}
	draw.Draw(b, image.Rect(100, 100, 140, 110), image.NewUniform(color.White), image.Point{}, draw.Src)
	if d := difference(a, b); d < .002 {
		t.Errorf("a box more makes a difference of only %.5f", d)
	}
}
