package firewall

import (
	"io"
	"net/http"
)

// responses carries what a server answers to the client, until the server's
// connection ends.
func (x *proxy) responses(u *upstream) {
	defer close(u.done)
	for {
		u.limit.free()
		_, err := u.in.Peek(1)
		e := u.waiting.Load()
		if err != nil || e == nil {
			x.ended(u)
			return
		}
		u.limit.begin(x.p.f.cfg.MaxHeaderBytes)
		res, err := http.ReadResponse(u.in, e.request)
		u.limit.free()
		if err != nil {
			x.ended(u)
			return
		}
		switch {
		case res.StatusCode == http.StatusSwitchingProtocols:
			x.switchTo(u, e, res)
			return
		case res.StatusCode < 200:
			if e.request.ProtoMinor > 0 && !x.interim(res) {
				x.answered(u, parting)
				return
			}
			continue
		}
		more, err := x.final(e, res)
		if err != nil {
			u.over.Store(true)
			x.p.abort()
			x.answered(u, parting)
			return
		}
		if !more {
			u.over.Store(true)
			x.p.part(x.client)
			x.answered(u, parting)
			return
		}
		x.answered(u, keep)
	}
}

// answered tells the other goroutine that the response has passed.
func (x *proxy) answered(u *upstream, o outcome) {
	u.waiting.Store(nil)
	x.p.asking.Store(false)
	u.answered <- o
}

// ended is called when the server has ended its connection, or has said
// something that is no response.
func (x *proxy) ended(u *upstream) {
	swapped := u.over.Swap(true)
	if u.waiting.Swap(nil) != nil {
		if x.p.isAborted() {
			x.answered(u, parting)
			return
		}
		x.p.refused(Broken)
		text := "502 Bad Gateway\n"
		io.WriteString(x.client, "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: 16\r\nConnection: close\r\nVia: 1.1 firewall\r\n\r\n"+text)
		x.p.part(x.client)
		x.answered(u, parting)
	} else if !swapped && !x.explicit {
		x.p.part(x.client) // it may not send another request
	}
}

// interim passes an interim response on.
func (x *proxy) interim(res *http.Response) bool {
	dropHopByHop(res.Header)
	to := &gather{to: x.client}
	return res.Write(to) == nil && to.Flush() == nil
}

// final passes a response on. It reports whether the connections may carry more.
func (x *proxy) final(e *exchange, res *http.Response) (more bool, err error) {
	head := e.request.Method == http.MethodHead
	chunked := len(res.TransferEncoding) > 0
	ends := e.close || res.Close
	if res.ContentLength < 0 && (!chunked || e.request.ProtoMinor == 0) {
		// A body that ends with the connection, or a response to HEAD that
		// does not tell.
		res.TransferEncoding = nil
		ends = true
	}
	dropHopByHop(res.Header)
	via(res.Header, res.ProtoMinor)
	if e.request.ProtoMinor == 0 && !ends {
		res.Header.Set("Connection", "keep-alive")
	}
	res.Proto, res.ProtoMajor, res.ProtoMinor = "HTTP/1.1", 1, 1
	res.Close = ends
	to := &gather{to: x.client, hold: x.p.f.cfg.Buffer}
	body := &flushing{Reader: res.Body, to: to}
	if !head && res.Body != http.NoBody {
		res.Body = body
	}
	err = res.Write(to)
	if err == nil {
		err = to.Flush()
	}
	if body.err != nil && !x.p.isAborted() {
		x.p.refused(Broken)
	}
	return !ends, err
}

// switchTo passes a 101 on, and then what the server says in its new protocol.
func (x *proxy) switchTo(u *upstream, e *exchange, res *http.Response) {
	u.over.Store(true)
	if e.upgrade == "" { // nobody asked for it
		x.ended(u)
		return
	}
	x.p.f.count(func(s *Stats) { s.UpgradesForwarded++ })
	protocol := res.Header.Get("Upgrade")
	dropHopByHop(res.Header)
	res.Header.Set("Connection", "Upgrade")
	res.Header.Set("Upgrade", protocol)
	to := &gather{to: x.client}
	if res.Write(to) != nil || to.Flush() != nil {
		x.p.abort()
	}
	x.answered(u, switched)
	x.p.copy(x.client, u.in, x.p.killing())
}
