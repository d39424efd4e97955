package store

import (
	"context"
	"net"
	"sync"
	"time"

	"protosim/model/server"
	"protosim/model/vtime"
)

// process is one life of a server.
type process struct {
	server   *Server
	listener net.Listener
	ctx      context.Context // ends with it
	cancel   context.CancelFunc
	station  *server.Station
	service  func() time.Duration

	mu     sync.Mutex
	conns  []net.Conn // open ones, in the order in which they were accepted
	killed bool
}

// Keys of what a process does, made from those of its host and connections.
const (
	acceptKey = 1 << 60
	serveKey  = 1 << 59
)

// keyOf returns the key of a simulated connection; others have none.
func keyOf(x any, class uint64) vtime.Key {
	k, ok := x.(interface{ Key() vtime.Key })
	if !ok {
		return vtime.Key{B: class}
	}
	key := k.Key()
	key.B |= class
	return key
}

// accept takes connections until the listener is closed.
func (p *process) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		if !p.add(c) {
			c.Close()
			return
		}
		p.server.mu.Lock()
		p.server.clients++
		client := &connection{id: p.server.clients}
		p.server.mu.Unlock()
		p.server.config.Time.Go(keyOf(c, serveKey), func() { p.serve(c, client) })
	}
}

// serve answers the commands of one connection until it ends.
func (p *process) serve(c net.Conn, client *connection) {
	defer p.remove(c)
	out := &reply{}
	in := newCommandReader(flushing{c, out})
	for !client.quits {
		args, err := in.next()
		if bad, ok := err.(protocolError); ok {
			out.error("ERR " + bad.Error())
			break
		}
		if err != nil || !p.execute(c, client, args, out) {
			return
		}
	}
	c.Write(out.b)
}

// execute carries out one command when its turn has come.
func (p *process) execute(c net.Conn, client *connection, args [][]byte, out *reply) bool {
	if p.station.Enter(p.ctx) != nil {
		return false
	}
	defer p.station.Leave()
	if p.server.config.Time.Sleep(p.ctx, keyOf(c, serveKey), p.server.trouble.Slowed(p.service())) != nil {
		return false
	}
	return p.server.execute(p, client, args, out)
}

// flushing sends what is to be sent before it waits for more.
type flushing struct {
	net.Conn
	out *reply
}

// Read writes the replies so far, and reads.
func (f flushing) Read(b []byte) (int, error) {
	if len(f.out.b) > 0 {
		_, err := f.Conn.Write(f.out.b)
		if f.out.b = f.out.b[:0]; err != nil {
			return 0, err
		}
	}
	return f.Conn.Read(b)
}

// add notes an open connection, unless the process has ended.
func (p *process) add(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return false
	}
	p.conns = append(p.conns, c)
	return true
}

func (p *process) remove(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.conns {
		if p.conns[i] == c {
			p.conns = append(p.conns[:i], p.conns[i+1:]...)
			break
		}
	}
	c.Close()
}

// end stops the process: in order, or as the kernel does for one that is killed.
func (p *process) end(orderly bool) {
	p.cancel()
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	for _, c := range p.conns {
		if a, ok := c.(interface{ Abort() error }); ok && !orderly {
			a.Abort()
		} else {
			c.Close()
		}
	}
	p.conns = nil
}
