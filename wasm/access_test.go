package wasm_test

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// accessible fails the test if axe-core finds something serious, in the page or in
// a frame of it.
func (p *tab) accessible() {
	p.t.Helper()
	source, err := os.ReadFile("testdata/axe-core/axe.min.js")
	if err != nil {
		p.t.Fatal(err)
	}
	tree, err := chromedp.Call(p.ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	frames := []cdp.FrameID{tree.FrameTree.Frame.ID}
	for _, child := range tree.FrameTree.ChildFrames {
		frames = append(frames, child.Frame.ID)
	}
	if n := js[int](p, "document.querySelectorAll('iframe').length"); n != len(frames)-1 {
		p.t.Errorf("%d of %d frames are looked at", len(frames)-1, n)
	}
	for _, frame := range frames {
		// A world of its own, where the page's policy against foreign scripts does not
		// reach: axe-core sees no frame that it is not in.
		world, err := chromedp.Call(p.ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame, WorldName: "axe-core"})
		if err != nil {
			p.t.Fatal(err)
		}
		p.texts(world.ExecutionContextID, string(source)+"\n;[]")
		for _, f := range p.texts(world.ExecutionContextID, `axe.run({exclude: [['iframe']]}, {resultTypes: ['violations']}).then((r) => r.violations
			.filter((v) => v.impact == 'serious' || v.impact == 'critical')
			.map((v) => v.id + ': ' + v.help + '\n' + v.nodes.map((n) => n.html.slice(0, 200) + ' ' + n.failureSummary).join('\n')))`) {
			p.t.Errorf("axe: %s", f)
		}
	}
}

// texts evaluates a script that gives some, in one of a page's worlds.
func (p *tab) texts(world runtime.ExecutionContextID, script string) (texts []string) {
	p.t.Helper()
	yes := true
	got, err := chromedp.Call(p.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: script, ContextID: world, AwaitPromise: &yes, ReturnByValue: &yes})
	if err != nil {
		p.t.Fatal(err)
	}
	if got.ExceptionDetails != nil {
		p.t.Fatalf("%.100s: %s %s", script, got.ExceptionDetails.Text, got.ExceptionDetails.Exception.Description)
	}
	if err := json.Unmarshal(got.Result.Value, &texts); err != nil {
		p.t.Fatal(err)
	}
	return texts
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
