package page_test

import (
	"reflect"
	"slices"
	"testing"

	"protosim/model/page"
	"protosim/scenarios"
)

func resolve(t *testing.T, seed uint64, text string) *page.Page {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := page.Resolve(s, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const threeLevels = `
name: t
page:
  resources:
    - {name: document, path: /, size: 10kB}
    - {name: style, count: 2, after: [document], size: {list: [5kB, 6kB]}, host: cdn}
    - {name: probe, method: HEAD, after: [document], size: 3kB}
    - {name: image, path: "/image?v=1", count: 3, after: [document, style], size: {list: [1kB, 2kB]}, host: cdn}
    - {name: form, method: POST, body: 700B, after: [image], size: 0B}
`

func TestResolve(t *testing.T) {
	p := resolve(t, 1, threeLevels)
	if !slices.Equal(p.Hosts, []string{"www", "cdn"}) {
		t.Errorf("hosts %v", p.Hosts)
	}
	var got []string
	var sizes []int
	for _, o := range p.Objects {
		got = append(got, o.Method+" "+o.Host+o.Path)
		sizes = append(sizes, o.Size)
	}
	want := []string{
		"GET www/", "GET cdn/style/0", "GET cdn/style/1", "HEAD www/probe",
		"GET cdn/image/0?v=1", "GET cdn/image/1?v=1", "GET cdn/image/2?v=1", "POST www/form",
	}
	if !slices.Equal(got, want) {
		t.Errorf("objects %q, want %q", got, want)
	}
	// Lists are dealt out in turn; a HEAD is answered without a body.
	if want := []int{10_000, 5000, 6000, 0, 1000, 2000, 1000, 0}; !slices.Equal(sizes, want) {
		t.Errorf("sizes %v, want %v", sizes, want)
	}
	if p.Objects[7].Body != 700 {
		t.Errorf("the form sends %d bytes", p.Objects[7].Body)
	}
	for i, want := range []page.Resource{
		{Name: "document", First: 0, Count: 1, Feeds: []int{1, 2, 3}},
		{Name: "style", First: 1, Count: 2, Needs: 1, Feeds: []int{3}},
		{Name: "probe", First: 3, Count: 1, Needs: 1},
		{Name: "image", First: 4, Count: 3, Needs: 2, Feeds: []int{4}},
		{Name: "form", First: 7, Count: 1, Needs: 1},
	} {
		if !reflect.DeepEqual(p.Resources[i], want) {
			t.Errorf("resource %d: %+v, want %+v", i, p.Resources[i], want)
		}
	}
}

// Sizes that are drawn depend on the seed and on their own resource, and on no
// other.
func TestSizesAreDrawn(t *testing.T) {
	const drawn = "    - {name: image, count: 20, size: {lognormal: {median: 10kB, p99: 100kB}}}\n"
	alone := resolve(t, 1, "name: t\npage:\n  resources:\n"+drawn)
	beside := resolve(t, 1, "name: t\npage:\n  resources:\n    - {name: other, count: 7, size: {lognormal: {median: 1kB, p99: 2kB}}}\n"+drawn)
	another := resolve(t, 2, "name: t\npage:\n  resources:\n"+drawn)
	same := 0
	for i, o := range alone.Objects {
		if o.Size != beside.Objects[7+i].Size {
			t.Fatalf("image %d has %d bytes, and %d beside another resource", i, o.Size, beside.Objects[7+i].Size)
		}
		if o.Size == another.Objects[i].Size {
			same++
		}
	}
	if same > 2 {
		t.Errorf("%d of 20 sizes are the same under another seed", same)
	}
}
