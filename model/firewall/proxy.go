package firewall

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
)

// proxy carries HTTP/1.1 on one connection of a client, one request after
// another. This goroutine reads requests; another, one per connection to a
// server, reads responses (response.go).
type proxy struct {
	p      *passage
	client net.Conn // TLS, where that was ended
	in     *bufio.Reader
	limit  *headerLimit
	dial   func(target string) (net.Conn, error)

	server   *upstream
	sent     bool // a request, whose outcome is not yet known
	explicit bool
}

// upstream is a proxy's connection to a server.
type upstream struct {
	conn     net.Conn
	target   string
	in       *bufio.Reader
	limit    *headerLimit
	waiting  atomic.Pointer[exchange] // for its response
	answered chan outcome
	over     atomic.Bool   // no further request
	done     chan struct{} // its goroutine has ended
}

// exchange is a request that waits for its response.
type exchange struct {
	request *http.Request
	upgrade string // the protocol that the server was asked for
	close   bool   // the client's connection ends with the response
}

// outcome is what a response makes of the connection.
type outcome int

const (
	keep outcome = iota
	parting
	switched // to another protocol
)

// errHeaders is a message whose headers are too large.
var errHeaders = errors.New("firewall: headers too large")

// headerLimit bounds what is read of a message before its body.
type headerLimit struct {
	io.Reader
	left int64 // negative for no limit
}

func (l *headerLimit) Read(b []byte) (int, error) {
	if l.left == 0 {
		return 0, errHeaders
	}
	if l.left > 0 && int64(len(b)) > l.left {
		b = b[:l.left]
	}
	n, err := l.Reader.Read(b)
	if l.left > 0 {
		l.left -= int64(n)
	}
	return n, err
}

// begin sets the limit for the headers of a message.
func (l *headerLimit) begin(n int) { l.left = int64(n) }

// free takes the limit away.
func (l *headerLimit) free() { l.left = -1 }

func newReader(conn io.Reader) (*bufio.Reader, *headerLimit) {
	l := &headerLimit{conn, -1}
	return bufio.NewReaderSize(l, 16<<10), l
}

// inspect looks into a connection on one of the proxy's ports.
func (p *passage) inspect() {
	in, limit := newReader(p.client)
	what, err := sniff(in)
	switch {
	case p.isMuted():
	case err == io.EOF && in.Buffered() == 0: // it came and went
	case what == http1:
		x := &proxy{p: p, client: p.client, in: in, limit: limit}
		x.dial = func(target string) (net.Conn, error) { return p.connect(target) }
		x.serve()
	case what == tlsRecords && p.f.cfg.Kind == Intercept:
		p.intercept(in)
	case err != nil && err != io.EOF:
		p.abort()
	case p.f.cfg.RefuseUnknown:
		p.stop(Unknown)
	default:
		p.passAlong(in)
	}
}

// serve carries requests until the connection ends.
func (x *proxy) serve() {
	defer x.close()
	for {
		x.limit.free()
		_, err := x.in.Peek(1) // the next request's first byte, while a response is under way
		if x.sent {
			x.sent = false
			u := x.server
			if err != nil {
				closeWrite(u.conn) // the server may want to know that nobody is there
			}
			if err != nil && err != io.EOF {
				x.p.abort()
			}
			outcome := <-u.answered
			switch outcome {
			case switched:
				x.p.copy(u.conn, x.in, x.p.killing())
				<-u.done
				return
			case parting:
				io.Copy(io.Discard, x.in)
				return
			}
		}
		if err != nil {
			return
		}
		if x.p.over() || !x.next() {
			return
		}
	}
}

// next carries one request to its server. It reports whether there may be more.
func (x *proxy) next() bool {
	x.limit.begin(x.p.f.cfg.MaxHeaderBytes)
	r, err := http.ReadRequest(x.in)
	tooLarge := x.limit.left == 0
	x.limit.free()
	if err != nil {
		switch {
		case tooLarge:
			x.refuse(http.StatusRequestHeaderFieldsTooLarge, BadRequest)
		case isMalformed(err):
			x.refuse(http.StatusBadRequest, BadRequest)
		default:
			x.p.abort()
		}
		return false
	}
	x.p.asking.Store(true)
	x.p.f.count(func(s *Stats) { s.Requests++ })
	if r.ProtoMajor != 1 {
		return x.refuse(http.StatusHTTPVersionNotSupported, BadRequest)
	}
	if r.ProtoMinor >= 1 && r.Host == "" && r.Method != http.MethodConnect {
		return x.refuse(http.StatusBadRequest, BadRequest)
	}
	target := x.p.target
	if x.explicit {
		if r.Method == http.MethodConnect {
			x.tunnel(r)
			return false
		}
		if target = absoluteTarget(r); target == "" {
			return x.refuse(http.StatusBadRequest, BadRequest)
		}
		if x.p.f.cfg.blocks(portOf(target)) {
			return x.refuse(http.StatusForbidden, ByPort)
		}
	} else if r.Method == http.MethodConnect {
		return x.refuse(http.StatusMethodNotAllowed, BadRequest)
	}
	protocol, forbidden := x.p.upgrade(r)
	if forbidden {
		return x.answer(http.StatusForbidden)
	}
	u, err := x.reach(target)
	if err != nil {
		status := http.StatusBadGateway
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
			status = http.StatusGatewayTimeout
		}
		return x.refuse(status, Unreachable)
	}
	return x.send(u, r, protocol)
}

// reach returns the connection to the target, a new one if there is none.
func (x *proxy) reach(target string) (*upstream, error) {
	if u := x.server; u != nil && u.target == target && !u.over.Load() {
		return u, nil
	}
	x.drop()
	conn, err := x.dial(target)
	if err != nil {
		return nil, err
	}
	u := &upstream{conn: conn, target: target, answered: make(chan outcome, 1), done: make(chan struct{})}
	u.in, u.limit = newReader(conn)
	x.server = u
	go x.responses(u)
	return u, nil
}

// send sends a request on. It reports whether there may be more.
func (x *proxy) send(u *upstream, r *http.Request, protocol string) bool {
	e := &exchange{request: r, upgrade: protocol, close: r.Close || r.ProtoMinor == 0 && !hasToken(r.Header, "Connection", "keep-alive")}
	out := x.outgoing(r, protocol)
	u.waiting.Store(e)
	if u.over.Load() && u.waiting.CompareAndSwap(e, nil) { // it has ended in this instant
		x.p.abort()
		return false
	}
	to := &gather{to: u.conn}
	body := &flushing{Reader: r.Body, to: to}
	if out.Body != nil && out.Body != http.NoBody {
		out.Body = body
	}
	err := out.Write(to)
	if err == nil {
		err = to.Flush()
	}
	switch {
	case body.err != nil && to.err == nil: // the client broke off, or talks nonsense
		if isMalformed(body.err) && body.err != io.ErrUnexpectedEOF {
			x.p.refused(BadRequest)
		}
		x.p.abort()
		return false
	case err != nil && to.err == nil: // a request that cannot be written down
		x.p.stop(BadRequest)
		return false
	}
	x.sent = true
	return true // if the server did not take it, its response or its end tells
}

// outgoing makes the server's request of the client's.
func (x *proxy) outgoing(r *http.Request, protocol string) *http.Request {
	out := *r
	out.Header = r.Header.Clone()
	dropHopByHop(out.Header)
	via(out.Header, r.ProtoMinor)
	if protocol != "" {
		out.Header.Set("Connection", "Upgrade")
		out.Header.Set("Upgrade", protocol)
	}
	if _, ok := out.Header["User-Agent"]; !ok {
		out.Header["User-Agent"] = nil // or net/http would send its own
	}
	if out.Host == "" { // HTTP/1.0
		out.Host = x.p.target
	}
	return &out
}

// refuse answers a request with an error of the proxy's own, after which the
// connection ends, and counts it.
func (x *proxy) refuse(status int, why Reason) bool {
	x.p.refused(why)
	return x.answer(status)
}

// answer does so without counting.
func (x *proxy) answer(status int) bool {
	text := fmt.Sprintf("%d %s\n", status, http.StatusText(status))
	fmt.Fprintf(x.client, "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\nVia: 1.1 firewall\r\n\r\n%s",
		status, http.StatusText(status), len(text), text)
	x.p.part(x.client)
	io.Copy(io.Discard, x.in)
	return false
}

// drop ends the connection to the server, if there is one.
func (x *proxy) drop() {
	if u := x.server; u != nil {
		u.over.Store(true)
		u.conn.Close()
		<-u.done
		x.server = nil
	}
}

// close ends both sides. A muted client's is left to the passage.
func (x *proxy) close() {
	x.drop()
	x.client.Close()
}

// isMalformed tells bad messages from connections that have ended.
func isMalformed(err error) bool {
	var op *net.OpError
	return err != io.EOF && err != io.ErrUnexpectedEOF && !errors.As(err, &op) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded)
}
