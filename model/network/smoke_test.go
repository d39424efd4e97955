package network_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"protosim/model/network"
	"protosim/model/vtime"
)

func TestSmoke(t *testing.T) {
	for _, proto := range []string{"http1", "http2"} {
		for _, size := range []int{1000, 20000} {
			for _, bw := range []int64{0, 10_000_000} {
				var took time.Duration
				var ev uint64
				var dg string
				wall := time.Now()
				err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
					n := network.New(c, network.TCP{}, 1)
					client, server := n.NewHost("client"), n.NewHost("server")
					client.Up.Set(network.LinkConfig{Delay: 50 * time.Millisecond, Bandwidth: bw, Queue: 150_000})
					client.Down.Set(network.LinkConfig{Delay: 50 * time.Millisecond, Bandwidth: bw, Queue: 150_000})
					l, err := server.Listen(":80")
					if err != nil {
						return err
					}
					body := make([]byte, size)
					srv := &http.Server{Protocols: new(http.Protocols), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						var k uint64
						fmt.Sscan(r.URL.Path[1:], &k)
						c.Yield(vtime.Key{A: 1 << 40, B: k})
						w.Write(body)
						c.Yield(vtime.Key{A: 1 << 40, B: k})
					})}
					srv.Protocols.SetHTTP1(true)
					srv.Protocols.SetUnencryptedHTTP2(true)
					go srv.Serve(l)
					tr := &http.Transport{DialContext: client.Dial, MaxConnsPerHost: 6, MaxIdleConnsPerHost: 6, Protocols: new(http.Protocols)}
					if proto == "http2" {
						tr.Protocols.SetUnencryptedHTTP2(true)
					} else {
						tr.Protocols.SetHTTP1(true)
					}
					var wg sync.WaitGroup
					for i := range 100 {
						wg.Add(1)
						c.Go(vtime.Key{A: 2 << 40, B: uint64(i)}, func() {
							defer wg.Done()
							req, _ := http.NewRequest("GET", fmt.Sprintf("http://server:80/%d", i), nil)
							res, err := tr.RoundTrip(req)
							if err != nil {
								t.Error(err)
								return
							}
							defer res.Body.Close()
							buf := make([]byte, 64<<10)
							for {
								c.Yield(vtime.Key{A: 3 << 40, B: uint64(i)})
								_, err := res.Body.Read(buf)
								if err == io.EOF {
									break
								}
								if err != nil {
									t.Error(err)
									return
								}
							}
							took = c.Now()
						})
					}
					wg.Wait()
					tr.CloseIdleConnections()
					srv.Close()
					ev = c.Fired()
					dg = n.Digest()
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				fmt.Println(proto, size, bw, took, ev, time.Since(wall), dg)
			}
		}
	}
}
