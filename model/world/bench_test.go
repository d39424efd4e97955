package world_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// The load of both sides of the comparison: 10 clients that visit a page of 100
// objects 10 times, 10,000 requests.
const (
	benchClients = 10
	benchVisits  = 10
	benchObjects = 100
)

// BenchmarkAgainstLoopback compares 10,000 page requests in virtual time with
// the same requests by the same transports over real loopback sockets, in one
// run. The metric virtual/loopback is how much longer the simulation takes:
// below 1 it is faster.
func BenchmarkAgainstLoopback(b *testing.B) {
	for _, strategy := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP1Close, scenarios.HTTP2, scenarios.WebSocket} {
		for _, size := range []int{1000, 20_000} {
			b.Run(fmt.Sprintf("%s/%dB", strategy, size), func(b *testing.B) {
				s := parse(b, fmt.Sprintf(`
duration: 1h
network: {rtt: 50ms}
clients: {count: %d, visits: %d, think: 1s}
page: {resources: [{name: o, count: %d, size: %dB}]}
servers: {service_time: 0s}`, benchClients, benchVisits, benchObjects, size))
				var virtual, real time.Duration
				for b.Loop() {
					began := time.Now()
					if m := measure(b, s, strategy); m["requests.ok"] != benchClients*benchVisits*benchObjects {
						b.Fatalf("%v requests ok", m["requests.ok"])
					}
					virtual += time.Since(began)
					began = time.Now()
					overLoopback(b, strategy, size)
					real += time.Since(began)
				}
				requests := float64(b.N * benchClients * benchVisits * benchObjects)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(virtual.Seconds()*1e6/requests, "virtual-µs/req")
				b.ReportMetric(real.Seconds()*1e6/requests, "loopback-µs/req")
				b.ReportMetric(virtual.Seconds()/real.Seconds(), "virtual/loopback")
			})
		}
	}
}

// sized answers with bodies of one size.
type sized int

func (s sized) Serve(context.Context, transport.Request) transport.Reply {
	return transport.Reply{Status: http.StatusOK, Body: int(s)}
}

// overLoopback does what the simulation does with the machine's own sockets and
// clock: the same server, and clients like transport's.
func overLoopback(b *testing.B, strategy scenarios.Strategy, size int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := transport.Serve(vtime.NewReal(), listener, sized(size), 300, 1)
	defer server.Close()
	var clients sync.WaitGroup
	for i := range benchClients {
		clients.Go(func() {
			load := loadHTTP
			if strategy == scenarios.WebSocket {
				load = loadSocket
			}
			if err := load(strategy, listener.Addr().String(), uint32(i), size); err != nil {
				b.Error(err)
			}
		})
	}
	clients.Wait()
}

// loadHTTP is one client's visits over HTTP.
func loadHTTP(strategy scenarios.Strategy, addr string, client uint32, size int) error {
	t := &http.Transport{
		Protocols:           new(http.Protocols),
		DisableCompression:  true,
		MaxConnsPerHost:     6,
		MaxIdleConnsPerHost: 6,
		DisableKeepAlives:   strategy == scenarios.HTTP1Close,
	}
	if strategy == scenarios.HTTP2 {
		t.MaxConnsPerHost = 1
		t.Protocols.SetUnencryptedHTTP2(true)
		t.HTTP2 = &http.HTTP2Config{StrictMaxConcurrentRequests: true}
	} else {
		t.Protocols.SetHTTP1(true)
	}
	defer t.CloseIdleConnections()
	cookie := fmt.Sprintf("%0400d", client)
	var buffers sync.Pool
	buffers.New = func() any { return new([16 << 10]byte) }
	one := func(serial uint32) error {
		r, err := http.NewRequest("GET", fmt.Sprintf("http://%s/o/%d", addr, serial%benchObjects), nil)
		if err != nil {
			return err
		}
		r.Header.Set("X-Request-Id", transport.ID{Client: client, Serial: serial}.String())
		r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36")
		r.Header.Set("Accept", "*/*")
		r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
		r.Header.Set("Cookie", cookie)
		res, err := t.RoundTrip(r)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		buf := buffers.Get().(*[16 << 10]byte)
		defer buffers.Put(buf)
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, res.Body, buf[:])
		if err == nil && n != int64(size) {
			err = fmt.Errorf("%d bytes", n)
		}
		return err
	}
	for v := range benchVisits {
		if err := together(v, one); err != nil {
			return err
		}
	}
	return nil
}

// loadSocket is one client's visits, each over a socket of its own.
func loadSocket(_ scenarios.Strategy, addr string, client uint32, size int) error {
	visit := func(v int) error {
		h := http.Header{"X-Request-Id": {transport.ID{Client: client, Serial: uint32(v)}.String()}}
		c, _, err := websocket.Dial(context.Background(), "ws://"+addr+"/socket", &websocket.DialOptions{HTTPHeader: h})
		if err != nil {
			return err
		}
		defer c.Close(websocket.StatusNormalClosure, "")
		c.SetReadLimit(-1)
		err = together(v, func(serial uint32) error {
			m := fmt.Sprintf(`{"id":%d,"method":"GET","path":"/o/%d"}`+"\n", serial, serial%benchObjects)
			return c.Write(context.Background(), websocket.MessageBinary, []byte(m))
		})
		for range benchObjects {
			if err != nil {
				return err
			}
			var m []byte
			if _, m, err = c.Read(context.Background()); err == nil && len(m) < size {
				err = fmt.Errorf("%d bytes", len(m))
			}
		}
		return err
	}
	for v := range benchVisits {
		if err := visit(v); err != nil {
			return err
		}
	}
	return nil
}

// together does all of a visit's requests at once.
func together(visit int, one func(serial uint32) error) error {
	errs := make(chan error, benchObjects)
	for i := range benchObjects {
		go func() { errs <- one(uint32(visit*benchObjects + i)) }()
	}
	var err error
	for range benchObjects {
		if e := <-errs; e != nil {
			err = e
		}
	}
	return err
}
