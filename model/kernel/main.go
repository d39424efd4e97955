//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{
		Use:   "kernel",
		Short: "Measure the real Linux TCP on a link with a known delay, rate, queue and loss",
		Long: `Measure the real Linux TCP on a link with a known delay, rate, queue and loss.

Two network namespaces are joined by two TUN devices, between which this
process carries every packet itself. Pages are loaded over that link with the
real net/http and coder/websocket. Needs Linux, root and /dev/net/tun; leaves
nothing behind. Run it on an idle machine with two processors or more.`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	began := false // no more an error of the command line
	for _, c := range []*cobra.Command{checkCommand(), gridCommand(), pageCommand(), pingCommand()} {
		run := c.RunE
		c.RunE = func(cmd *cobra.Command, args []string) error {
			began = true
			if os.Getenv(insideEnv) == "" {
				os.Exit(enter())
			}
			if err := applySettings(); err != nil {
				return err
			}
			return run(cmd, args)
		}
		root.AddCommand(c)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "kernel: interrupted")
		os.Exit(130)
	case !began:
		fmt.Fprintf(os.Stderr, "kernel: %v (see --help)\n", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "kernel:", err)
		os.Exit(1)
	}
}
