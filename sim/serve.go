package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"protosim/scenarios"
	"protosim/wasm/page"
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
		Use:   "serve [FILE…]",
		Short: "Show scenarios in the browser, and try what-ifs there",
		Long: `Serves a page on which the simulator itself runs, as WebAssembly in the browser:
it plays a scenario under each strategy side by side, and servers can be crashed,
links slowed and settings changed while one looks. Nothing leaves the browser.
Scenario files are offered beside the scenarios of the library, the first of them
is what the page begins with.

It prints the address and serves until Ctrl-C. A protosim built by make build has
the page's WebAssembly in it; any other builds it from the checkout that it is run
in, which takes a minute the first time.

With --export the page is written to a folder that any web server can serve.`,
		Example: `  protosim serve --open
  protosim serve mine.yaml --open
  protosim serve --listen 127.0.0.1:0
  protosim serve --export public`,
		Args: wants(0, -1, "scenario files"),
		RunE: func(_ *cobra.Command, args []string) error { return p.serve(f, args) },
	}
	flags := c.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "listen on this `address`; port 0 is any free one")
	flags.BoolVar(&f.open, "open", false, "open the page in the browser")
	flags.StringVar(&f.export, "export", "", "write the page into this `folder` instead of serving it")
	return c
}

// ownScenarios reads the files whose scenarios the page is to offer.
func (p *process) ownScenarios(files []string) ([]page.Own, error) {
	var own []page.Own
	taken := map[string]string{}
	for _, name := range scenarios.Names() {
		taken[name] = "the library"
	}
	for _, file := range files {
		if taken[file] == "the library" {
			return nil, badInput(file+" is a scenario of the library, which the page has anyway", "name files only; on the page choose it from the list")
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, badInput(fmt.Sprintf("%s cannot be read: %v", file, cause(err)), "give the path of a scenario file")
		}
		s, err := scenarios.Parse(file, text)
		if err != nil {
			return nil, err
		}
		if at := taken[s.Name]; at != "" {
			return nil, badInput(fmt.Sprintf("the scenario of %s is called %s, as one of %s is", file, s.Name, at), "give it another name")
		}
		taken[s.Name] = file
		own = append(own, page.Own{Scenario: s, Text: text})
	}
	return own, nil
}

// serve serves the page until Ctrl-C, or writes it to a folder.
func (p *process) serve(f *serveFlags, files []string) error {
	ctx, stop := p.interruptible()
	defer stop()
	own, err := p.ownScenarios(files)
	if err != nil {
		return err
	}
	var l net.Listener
	if f.export != "" {
		if _, err := openFolder("--export", f.export); err != nil {
			return err
		}
	} else {
		if l, err = listen(f.listen); err != nil {
			return err
		}
		defer l.Close()
	}
	website, err := site.Open(ctx, version(), func(what string) {
		fmt.Fprintf(p.stderr, "building %s.wasm…\n", what)
	}, own...)
	switch {
	case ctx.Err() != nil:
		return &exit{exitInterrupted, "interrupted"}
	case err != nil:
		return badInput("the page is not there: "+err.Error(), "")
	case f.export != "":
		if err := website.Export(f.export); err != nil {
			return badInput(fmt.Sprintf("cannot write to the folder %s: %v", f.export, cause(err)), "give --export a folder that you may write to")
		}
		fmt.Fprintf(p.stdout, "%s: %d files for any web server\n", f.export, len(website.Names()))
		return nil
	}
	address := "http://" + l.Addr().String() + "/"
	fmt.Fprintf(p.stdout, "protosim in the browser, listening on %s (Ctrl-C ends it)\n", address)
	if f.open {
		if err := openBrowser(address); err != nil {
			fmt.Fprintf(p.stderr, "protosim: no browser could be opened: %v\n", err)
		}
	}
	return serveUntil(ctx, l, newServer(website))
}

// webserver is a handler as something that runs on real sockets.
type webserver struct{ http.Server }

func newServer(h http.Handler) *webserver {
	return &webserver{http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}}
}

// Shutdown lets what is under way finish, until ctx ends, and ends the rest.
func (w *webserver) Shutdown(ctx context.Context) {
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
