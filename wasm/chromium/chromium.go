// Package chromium starts a headless Chromium for tests, which sees nothing of
// the network but this machine.
package chromium

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/chromedp/chromedp"
)

// Start starts the browser, which has so long for that. The context that it
// returns is for chromedp; cancel ends the browser. A machine without one is an
// error that names the remedy.
func Start(limit time.Duration, more ...chromedp.ExecAllocatorOption) (ctx context.Context, cancel func(), err error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if err != nil {
		return nil, nil, errors.New("no Chromium: apt-get install --no-install-recommends chromium fonts-dejavu-core")
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), append([]chromedp.ExecAllocatorOption{
		chromedp.Headless,
		chromedp.NoFirstRun,
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.WSURLReadTimeout(limit),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("enable-unsafe-swiftshader", true),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"),
	}, more...)...)
	ctx, leave := chromedp.NewContext(ctx)
	cancel = func() { leave(); end() }
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int]("1")); err != nil {
		cancel()
		return nil, nil, fmt.Errorf("%s does not start: %w", path, err)
	}
	return ctx, cancel, nil
}
