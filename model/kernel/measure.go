//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"runtime"
	"runtime/debug"
	"time"
)

// Run is one page load.
type Run struct {
	Time        time.Duration // from the first dial to the last byte
	Connections int
	Trace       []Packet
	Began       time.Time
	Zero        time.Duration // the time of the trace at which the load began
	// LateMedian and LateMost say how much later than due the link delivered.
	LateMedian, LateMost time.Duration
}

// measure loads a page once over a new link between new namespaces.
func measure(ctx context.Context, p Page, l Link) (run Run, err error) {
	var serverTLS, clientTLS *tls.Config
	if p.TLS {
		var cert tls.Certificate
		var pool *x509.CertPool
		if cert, pool, err = certificate(); err != nil {
			return run, err
		}
		serverTLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		clientTLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}
	}
	server := newPageServer(p, serverTLS)
	w, err := newWire(l, server.listen)
	if err != nil {
		return run, err
	}
	go server.serve()

	client := newPageClient(p, clientTLS)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()

	// The collector must not run during the load.
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))

	run.Began = time.Now()
	run.Zero = run.Began.Sub(w.began)
	run.Time, err = client.load(ctx)
	client.close()
	_ = server.http.Close()
	w.Close()
	if err == nil {
		err = w.check()
	}
	run.Connections = len(client.conns)
	run.Trace = w.Trace()
	run.LateMedian, run.LateMost = lateness(run.Trace)
	return run, err
}
