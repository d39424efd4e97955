package firewall

import (
	"io"
	"net"
	"sync"
)

// pass connects to the server and carries bytes, both ways.
func (p *passage) pass() { p.passAlong(p.client) }

// passAlong does so where what the client has sent is already being read.
func (p *passage) passAlong(sent io.Reader) {
	server, err := p.connect(p.target)
	if err != nil {
		p.stop(Unreachable)
		return
	}
	p.splice(p.client, sent, server, server, nil)
}

// splice carries what can be read of each side to the other, with the ends of
// streams, until both have ended. first, if set, is called with the first bytes
// instead of carrying them.
func (p *passage) splice(client net.Conn, fromClient io.Reader, server net.Conn, fromServer io.Reader, first func()) {
	var up sync.WaitGroup
	up.Add(1)
	go func() {
		defer up.Done()
		p.copy(server, fromClient, first)
	}()
	p.copy(client, fromServer, first)
	up.Wait()
	client.Close()
	server.Close()
}

// copy carries one direction to its end, and the end with it.
func (p *passage) copy(to net.Conn, from io.Reader, first func()) {
	buffer := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buffer)
	for {
		n, err := from.Read(buffer[:])
		if n > 0 && first != nil {
			first()
			continue
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				p.abort()
				return
			}
		}
		if err == io.EOF {
			closeWrite(to)
			return
		}
		if err != nil {
			p.abort()
			return
		}
	}
}

// bufferSize is large, so that what a Read returns depends on what has arrived
// and on nothing else.
const bufferSize = 64 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}
