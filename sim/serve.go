package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"protosim/wasm/site"
)

// serveFlags are the flags of protosim serve.
type serveFlags struct {
	listen string
	open   bool
	export string
}

func (p *process) serveCommand() *cobra.Command {
	f := &serveFlags{}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Show scenarios in the browser, and try what-ifs there",
		Long: `Serves a page on which the simulator itself runs, as WebAssembly in the browser:
it plays a scenario under each strategy side by side, and servers can be crashed,
links slowed and settings changed while one looks. Nothing leaves the browser.

It prints the address and serves until Ctrl-C. A protosim built by make build has
the page's WebAssembly in it; any other builds it from the checkout that it is run
in, which takes a minute the first time.

With --export the page is written to a folder that any web server can serve.`,
		Example: `  protosim serve --open
  protosim serve --listen 127.0.0.1:0
  protosim serve --export public`,
		Args: wants(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error { return p.serve(f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "listen on this `address`; port 0 is any free one")
	flags.BoolVar(&f.open, "open", false, "open the page in the browser")
	flags.StringVar(&f.export, "export", "", "write the page into this `folder` instead of serving it")
	return c
}

// serve serves the page until Ctrl-C, or writes it to a folder.
func (p *process) serve(f *serveFlags) error {
	ctx, stop := p.interruptible()
	defer stop()
	var l net.Listener
	if f.export == "" {
		var err error
		if l, err = listen(f.listen); err != nil {
			return err
		}
		defer l.Close()
	}
	page, err := site.Open(ctx, version(), func(what string) {
		fmt.Fprintf(p.stderr, "building %s.wasm…\n", what)
	})
	switch {
	case ctx.Err() != nil:
		return &exit{exitInterrupted, "interrupted"}
	case err != nil:
		return badInput("the page is not there: "+err.Error(), "")
	case f.export != "":
		if err := page.Export(f.export); err != nil {
			return badInput(fmt.Sprintf("cannot write to the folder %s: %v", f.export, cause(err)), "give --export a folder that you may write to")
		}
		fmt.Fprintf(p.stdout, "%s: %d files for any web server\n", f.export, len(page.Names()))
		return nil
	}
	address := "http://" + l.Addr().String() + "/"
	fmt.Fprintf(p.stdout, "protosim in the browser, listening on %s (Ctrl-C ends it)\n", address)
	if f.open {
		if err := openBrowser(address); err != nil {
			fmt.Fprintf(p.stderr, "protosim: no browser could be opened: %v\n", err)
		}
	}
	return serveUntil(ctx, l, newWebsite(page))
}

// website is a handler as something that runs on real sockets.
type website struct{ http.Server }

func newWebsite(h http.Handler) *website {
	return &website{http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}}
}

// Shutdown lets what is under way finish, until ctx ends, and ends the rest.
func (w *website) Shutdown(ctx context.Context) {
	if w.Server.Shutdown(ctx) != nil {
		w.Close()
	}
}

// openBrowser opens the address with what the system has for that.
func openBrowser(address string) error {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", address).Start()
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", address).Start()
	}
	return exec.Command("xdg-open", address).Start()
}
