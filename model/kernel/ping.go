//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/spf13/cobra"
)

// pingCommand measures what the rig itself costs.
func pingCommand() *cobra.Command {
	var delay time.Duration
	var count int
	c := &cobra.Command{
		Use:   "ping",
		Short: "Measure what the link itself adds to a round trip",
		Args:  cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if count < 1 {
				return fmt.Errorf("%d round trips: at least one", count)
			}
			return Link{OneWay: delay}.validate()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			extra, err := ping(cmd.Context(), Link{OneWay: delay}, count)
			if err != nil {
				return err
			}
			fmt.Printf("%d round trips of one byte each way at %v: %.0f µs more than %v (median; p90 %.0f, most %.0f)\n",
				count, delay, quantile(extra, .5), 2*delay, quantile(extra, .9), quantile(extra, 1))
			return nil
		},
	}
	c.Flags().DurationVar(&delay, "delay", 10*time.Millisecond, "one-way delay")
	c.Flags().IntVar(&count, "count", 200, "round trips")
	return c
}

// ping sends one byte to and fro count times over one connection and returns by
// how many microseconds each round trip exceeded the link's delay.
func ping(ctx context.Context, l Link, count int) (extra []float64, err error) {
	var listener net.Listener
	w, err := newWire(l, func() (err error) {
		listener, err = (&net.ListenConfig{Control: useCubic}).Listen(ctx, "tcp4", netip.AddrPortFrom(serverAddr.Addr(), port).String())
		return err
	})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	defer listener.Close()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_, _ = io.Copy(conn, conn)
			_ = conn.Close()
		}
	}()
	conn, err := (&net.Dialer{Control: useCubic}).DialContext(ctx, "tcp4", listener.Addr().String())
	if err != nil {
		return nil, err
	}
	defer func() {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}()
	b := []byte{1}
	for range count {
		began := time.Now()
		if _, err = conn.Write(b); err == nil {
			_, err = io.ReadFull(conn, b)
		}
		if err != nil {
			return nil, err
		}
		extra = append(extra, float64(time.Since(began)-2*l.OneWay)/1e3)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return extra, nil
}
