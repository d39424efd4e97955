package wasm_test

import (
	"fmt"
	"os"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// accessible fails the test if axe-core finds something serious.
func (p *tab) accessible() {
	p.t.Helper()
	source, err := os.ReadFile("testdata/axe-core/axe.min.js")
	if err != nil {
		p.t.Fatal(err)
	}
	js[any](p, string(source)+"\n;null")
	found := js[[]string](p, `axe.run({exclude: [['iframe']]}, {resultTypes: ['violations']}).then((r) => r.violations
		.filter((v) => v.impact == 'serious' || v.impact == 'critical')
		.map((v) => v.id + ': ' + v.help + '\n' + v.nodes.map((n) => n.html.slice(0, 200) + ' ' + n.failureSummary).join('\n')))`)
	for _, f := range found {
		p.t.Errorf("axe: %s", f)
	}
}

// dark lets the page think that the system is set to dark.
func (p *tab) dark() {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// tabTo presses Tab until the element has the focus.
func (p *tab) tabTo(selector string) {
	p.t.Helper()
	const most = 80
	for range most {
		if js[bool](p, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
		p.run(chromedp.KeyEvent("\t"))
	}
	p.t.Fatalf("Tab does not lead to %s, but to %s", selector, js[string](p, "document.activeElement.outerHTML.slice(0, 200)"))
}
