package random_test

import (
	"math"
	"testing"

	"protosim/model/random"
)

// The same seed, purpose and identities give the same numbers, on every
// platform and in every release: results that people have published depend on it.
func TestGolden(t *testing.T) {
	for _, test := range []struct {
		seed    uint64
		purpose string
		ids     []uint64
		want    [3]uint64
	}{
		{0, "", nil, [3]uint64{0x6eb9a6b3a8ed5679, 0xf4f05e65e0877245, 0x25d5fedb71e1f2f6}},
		{1, "loss", []uint64{1}, [3]uint64{0xee47c33a1de28f23, 0x24bed3cb346069e1, 0xa6b82dda37e71894}},
		{1, "loss", []uint64{2}, [3]uint64{0x1ffe4174ecea872a, 0xa7b31da574204672, 0x79157e79cb5bdd85}},
		{1, "jitter", []uint64{1}, [3]uint64{0xe661c086d48b2cbe, 0xa9faa6eed0af64e4, 0x72caffbe8537fdf2}},
		{math.MaxUint64, "arrivals", []uint64{7, 1 << 40}, [3]uint64{0xd6b4c2859ab9681f, 0x7a36e71e6f1b7bd0, 0x1f7c4553adbc2564}},
	} {
		r := random.New(test.seed, test.purpose, test.ids...)
		got := [3]uint64{r.Uint64(), r.Uint64(), r.Uint64()}
		if got != test.want {
			t.Errorf("New(%d, %q, %v) begins with %#x, want %#x", test.seed, test.purpose, test.ids, got, test.want)
		}
	}
}

// Streams that differ in the seed, the purpose or an identity, even by one, are
// not correlated: neither number by number, nor bit by bit.
func TestStreamsAreIndependent(t *testing.T) {
	const n = 20_000
	base := func() []uint64 { return draw(n, 1, "loss", 1) }()
	for name, other := range map[string][]uint64{
		"seed":           draw(n, 2, "loss", 1),
		"purpose":        draw(n, 1, "lost", 1),
		"identity":       draw(n, 1, "loss", 2),
		"more":           draw(n, 1, "loss", 1, 0),
		"seed, identity": draw(n, 2, "loss", 2),
	} {
		var x, y, xx, yy, xy float64
		bits := 0
		for i := range base {
			u, v := float64(base[i])/math.MaxUint64, float64(other[i])/math.MaxUint64
			x, y, xx, yy, xy = x+u, y+v, xx+u*u, yy+v*v, xy+u*v
			for d := base[i] ^ other[i]; d != 0; d &= d - 1 {
				bits++
			}
		}
		correlation := (n*xy - x*y) / math.Sqrt((n*xx-x*x)*(n*yy-y*y))
		if limit := 4 / math.Sqrt(n); math.Abs(correlation) > limit {
			t.Errorf("streams that differ in %s have the correlation %.4f, beyond %.4f", name, correlation, limit)
		}
		if share, limit := float64(bits)/(64*n), 4*0.5/math.Sqrt(64*n); math.Abs(share-0.5) > limit {
			t.Errorf("streams that differ in %s differ in %.4f of their bits", name, share)
		}
	}
}

// The purposes and identities of a stream are kept apart: identities never
// read as part of a purpose.
func TestStreamsAreDistinct(t *testing.T) {
	seen := map[uint64]string{}
	for name, r := range map[string]uint64{
		`"a" 1`:   random.New(1, "a", 1).Uint64(),
		`"a" 1 0`: random.New(1, "a", 1, 0).Uint64(),
		`"a" 0 1`: random.New(1, "a", 0, 1).Uint64(),
		`"a"`:     random.New(1, "a").Uint64(),
		`"" 97`:   random.New(1, "", 'a').Uint64(),
		`"ab"`:    random.New(1, "ab").Uint64(),
		`"b"`:     random.New(1, "b").Uint64(),
	} {
		if other, ok := seen[r]; ok {
			t.Errorf("the streams %s and %s are the same", name, other)
		}
		seen[r] = name
	}
}

func draw(n int, seed uint64, purpose string, ids ...uint64) []uint64 {
	r := random.New(seed, purpose, ids...)
	list := make([]uint64, n)
	for i := range list {
		list[i] = r.Uint64()
	}
	return list
}
