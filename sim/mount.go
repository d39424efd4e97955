package main

import (
	"context"
	"encoding"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mountGrace is how long what is under way may take after Ctrl-C.
const mountGrace = 10 * time.Second

func (p *process) mountCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "mount",
		Short: "Run a part of the simulator on real sockets",
		Long: `Runs a part of the simulator on this machine's own network: the code that scenarios
run in virtual time, for curl, browsers and test suites to talk to. It prints the
address that it listens on, serves until Ctrl-C, and then lets what is under way
finish for up to ` + mountGrace.String() + `.`,
		Example: `  protosim mount server --listen 127.0.0.1:8081 --size 20kB --service-time 5ms
  protosim mount balancer --upstream http://127.0.0.1:8081 --upstream http://127.0.0.1:8082
  protosim mount balancer --listen 127.0.0.1:8443 --tls --upstream http://127.0.0.1:8081`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			var parts []string
			for _, sub := range c.Commands() {
				parts = append(parts, sub.Name())
			}
			return badInput(fmt.Sprintf("there is no %q to mount", args[0]),
				suggest("%s", nearest(args[0], parts), "it is one of "+strings.Join(parts, ", ")))
		},
	}
	c.AddCommand(p.mountBalancerCommand(), p.mountCacheCommand(), p.mountServerCommand(), p.mountFirewallCommand())
	return c
}

// mounted is something that runs on real sockets.
type mounted interface {
	Serve(net.Listener) error
	// Shutdown lets what is under way finish, until ctx ends, and ends the rest.
	Shutdown(ctx context.Context)
}

// mount runs m until Ctrl-C. what says what it is.
func (p *process) mount(address, what string, m mounted) error {
	return p.mountWith(mountTLS{}, address, what, m)
}

// mountWith is mount, with TLS or without.
func (p *process) mountWith(t mountTLS, address, what string, m mounted) error {
	if err := t.check(); err != nil {
		return err
	}
	ctx, stop := p.interruptible()
	defer stop()
	l, err := listen(address)
	if err != nil {
		return err
	}
	l, scheme, err := t.listener(l)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s, listening on %s://%s\n", what, scheme, l.Addr())
	return serveUntil(ctx, l, m)
}

// listen opens an address that the user has given.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, badInput(fmt.Sprintf("cannot listen on %s: %v", address, cause(err)), "give an address of this machine with --listen, such as 127.0.0.1:0 for any free port")
	}
	return l, nil
}

// serveUntil serves until ctx ends, and then lets what is under way finish.
func serveUntil(ctx context.Context, l net.Listener, m mounted) error {
	failed := make(chan error, 1)
	go func() { failed <- m.Serve(l) }()
	select {
	case err := <-failed:
		return &exit{exitBug, fmt.Sprintf("serving ended: %v", err)}
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), mountGrace)
	defer cancel()
	m.Shutdown(grace)
	return nil
}

// listenFlag is the flag that all of them have.
func listenFlag(flags *pflag.FlagSet, address *string) {
	flags.StringVar(address, "listen", "127.0.0.1:0", "listen on this `address`; port 0 is any free one")
}

// quantity is a flag whose value is written as in a scenario file.
type quantity struct {
	value interface {
		encoding.TextUnmarshaler
		fmt.Stringer
	}
	kind string
}

func (q quantity) Set(text string) error { return q.value.UnmarshalText([]byte(text)) }
func (q quantity) Type() string          { return q.kind }

// String is the value, and nothing for none, which help texts put into words.
func (q quantity) String() string {
	if text := q.value.String(); text != "0s" && text != "0B" {
		return text
	}
	return ""
}

const (
	aDuration = "duration, such as 5ms or 1m"
	aSize     = "size, such as 400B or 20kB"
)
