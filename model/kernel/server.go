//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/coder/websocket"
)

// port is where the server listens.
const port = 8080

// pageServer answers requests for objects with plain net/http and, under /ws,
// with one message for each message.
type pageServer struct {
	http     *http.Server
	listener net.Listener
	body     []byte
	tls      *tls.Config
}

func newPageServer(p Page, config *tls.Config) *pageServer {
	s := &pageServer{body: make([]byte, p.ObjectBytes), tls: config}
	mux := http.NewServeMux()
	mux.HandleFunc("/object", s.object)
	mux.HandleFunc("/ws", s.messages)
	s.http = &http.Server{Handler: mux, TLSConfig: config, Protocols: new(http.Protocols)}
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetHTTP2(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
	return s
}

// listen opens the listener; it must run in the server's namespace.
func (s *pageServer) listen() (err error) {
	config := net.ListenConfig{Control: useCubic}
	s.listener, err = config.Listen(context.Background(), "tcp4", netip.AddrPortFrom(serverAddr.Addr(), port).String())
	return err
}

func (s *pageServer) serve() {
	if s.tls != nil {
		_ = s.http.ServeTLS(s.listener, "", "")
		return
	}
	_ = s.http.Serve(s.listener)
}

func (s *pageServer) object(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(s.body)))
	_, _ = w.Write(s.body)
}

func (s *pageServer) messages(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		if _, _, err := c.Read(r.Context()); err != nil {
			return
		}
		if err := c.Write(r.Context(), websocket.MessageBinary, s.body); err != nil {
			return
		}
	}
}
