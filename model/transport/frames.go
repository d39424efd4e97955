package transport

import (
	"bytes"
	"net"

	"protosim/model/vtime"
)

// frameByFrame lets an HTTP/2 endpoint read one frame at a time, and be quiet
// before the next; and a server write one frame, or several small ones, at a
// time. A segment may carry the end of one frame and all of another; what a
// goroutine woken by the first does must not depend on whether it runs before
// or after the second is read. And which frame a server writes next must not
// depend on whether a handler, woken by the last, has spoken up by then. It
// looks at the length of each frame (RFC 9113 section 4.1) and changes nothing.
type frameByFrame struct {
	net.Conn
	clock vtime.Time
	read  vtime.Key
	write vtime.Key
	holds bool // writes wait for quiet too: no mutex is held in them

	sniffed bool   // it is known whether this is HTTP/2
	off     bool   // it is not
	head    []byte // of the frame that begins, as far as it has been read
	left    int    // bytes of the present frame to come
	ended   bool   // a frame has ended with the last Read
}

const (
	frameHeader = 9
	preface     = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
)

// clientFrames wraps a connection that speaks HTTP/2. net/http's client writes
// with a mutex held, so writes do not wait.
func clientFrames(c net.Conn, clock vtime.Time) net.Conn {
	f := newFrames(c, clock)
	f.sniffed = true
	return f
}

// serverFrames wraps a connection that may speak HTTP/2 or something else.
func serverFrames(c net.Conn, clock vtime.Time) net.Conn {
	f := newFrames(c, clock)
	f.holds = true
	return f
}

// keyed is a connection with an identity: one of the simulated network.
type keyed interface{ Key() vtime.Key }

// newFrames derives keys from that of a connection of the simulated network, or
// of TLS on one.
func newFrames(c net.Conn, clock vtime.Time) *frameByFrame {
	key := c.(keyed).Key()
	f := &frameByFrame{Conn: c, clock: clock, read: key, write: key}
	f.read.B |= 1 << 62
	f.write.B |= 1 << 61
	return f
}

// Read reads up to the end of the present frame.
func (f *frameByFrame) Read(p []byte) (int, error) {
	if f.ended {
		f.ended = false
		f.clock.Yield(f.read)
	}
	limit := len(p)
	switch {
	case f.off:
	case !f.sniffed:
		limit = min(limit, len(preface)-len(f.head))
	case f.left > 0:
		limit = min(limit, f.left)
	default:
		limit = min(limit, frameHeader-len(f.head))
	}
	n, err := f.Conn.Read(p[:limit])
	if !f.off {
		f.follow(p[:n])
	}
	return n, err
}

// Write writes p once all is quiet.
func (f *frameByFrame) Write(p []byte) (int, error) {
	if f.holds && f.sniffed {
		f.clock.Yield(f.write)
	}
	return f.Conn.Write(p)
}

// follow keeps track of where in a frame the reader is.
func (f *frameByFrame) follow(p []byte) {
	if f.left > 0 {
		f.left -= len(p)
		f.ended = f.left == 0
		return
	}
	f.head = append(f.head, p...)
	switch {
	case !f.sniffed:
		if !bytes.HasPrefix([]byte(preface), f.head) {
			f.off, f.head = true, nil
		} else if len(f.head) == len(preface) {
			f.sniffed, f.head = true, f.head[:0]
		}
	case len(f.head) == frameHeader:
		f.left = int(f.head[0])<<16 | int(f.head[1])<<8 | int(f.head[2])
		f.ended = f.left == 0
		f.head = f.head[:0]
	}
}

// CloseWrite ends the stream to the other side where the connection can.
func (f *frameByFrame) CloseWrite() error {
	if c, ok := f.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return f.Conn.Close()
}

// Frames returns a listener for an HTTP server that gives the same run whatever
// the scheduling. Connections that are not simulated are left as they are.
func Frames(l net.Listener, clock vtime.Time) net.Listener { return frameListener{l, clock} }

// frameListener wraps the connections that it accepts.
type frameListener struct {
	net.Listener
	clock vtime.Time
}

func (l frameListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if _, simulated := c.(keyed); !simulated {
		return c, nil
	}
	return serverFrames(c, l.clock), nil
}
