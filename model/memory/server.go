package memory

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/coder/websocket"

	"protosim/model/secure"
)

const (
	answerPath = "/answer"
	waitPath   = "/wait"
	socketPath = "/socket"
)

// measured is a server that holds connections of one protocol. It is what
// anyone would write: net/http with crypto/tls, and coder/websocket.
type measured struct {
	http  *http.Server
	wants int           // readiness that one connection shows
	ready chan struct{} // one for each
	stop  chan struct{}
}

// serve starts the server on l.
func serve(l net.Listener, p Protocol, secured bool) (*measured, error) {
	s := &measured{wants: 1, ready: make(chan struct{}, 1<<16), stop: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc(answerPath, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello\n") })
	mux.HandleFunc(waitPath, func(w http.ResponseWriter, r *http.Request) {
		s.ready <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-s.stop:
		}
	})
	mux.HandleFunc(socketPath, s.socket)
	s.http = &http.Server{Handler: mux, Protocols: new(http.Protocols), ErrorLog: log.New(io.Discard, "", 0)}
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetHTTP2(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
	switch p {
	case HTTP1, HTTP2:
		// Idle once the request is answered; HTTP/2 also is before it.
		s.http.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateIdle {
				s.ready <- struct{}{}
			}
		}
		if p == HTTP2 {
			s.wants = 2
		}
	case HTTP2Stream:
		s.wants = streams
	}
	if !secured {
		go s.http.Serve(l)
		return s, nil
	}
	authority, err := secure.NewAuthority(4000)
	if err != nil {
		return nil, err
	}
	certificate, err := authority.Issue("server.test")
	if err != nil {
		return nil, err
	}
	s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	go s.http.ServeTLS(l, "", "")
	return s, nil
}

// socket reads messages until the other side has had enough, as package
// transport does.
func (s *measured) socket(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	c.SetReadLimit(-1)
	defer c.CloseNow()
	s.ready <- struct{}{}
	for {
		if _, _, err := c.Read(context.Background()); err != nil {
			return
		}
	}
}

// await waits until n connections more are as they are to be measured.
func (s *measured) await(n int) {
	for range n * s.wants {
		<-s.ready
	}
}

func (s *measured) close() {
	close(s.stop)
	s.http.Close()
}
