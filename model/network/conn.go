package network

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"protosim/model/vtime"
)

// Conn is one end of a simulated TCP connection, as its program sees it: a
// net.Conn with CloseWrite. Goroutines use it under its mutex; what they ask of
// the endpoint below reaches the conductor once they are all blocked, however
// many calls it was, so that the order in which they ran does not matter.
type Conn struct {
	local, remote         *Host
	localPort, remotePort uint16
	id                    uint64 // unique on the local host, in the order of creation
	number                uint64 // of the connection in its network, 0 before the handshake
	end                   *endpoint

	mu       sync.Mutex
	changed  sync.Cond // something that Reads and the dial wait for
	roomier  sync.Cond // something that Writes wait for; what arrives must not wake them in the same event
	writing  int       // Writes that wait
	partial  bool      // one of them has given a part, and the others wait for its end
	posted   bool      // the conductor has been asked to look
	accepted bool      // by a listener, so that writes may block

	established bool
	in          []piece // received
	read        int     // how many of them have been read
	unread      int     // bytes of the others
	inErr       error   // behind what is unread
	out         outbox  // written since the conductor last looked
	outErr      error
	queued      int    // bytes that the endpoint holds, neither sent nor acknowledged
	room        int    // bytes that it may hold; 0 for no limit
	drained     func() // called instead of blocking; see Buffer
	closed      bool
	writeClosed bool

	// Asked of the conductor.
	connecting bool
	giveUp     error // ends a dial
	consumed   int   // bytes read
	shutting   bool  // CloseWrite or Close
	closing    bool
	aborting   bool
	readBy     deadline
	writeBy    deadline
}

func newConn(local, remote *Host, remotePort uint16) *Conn {
	c := &Conn{local: local, remote: remote, remotePort: remotePort, id: local.conns.Add(1)}
	c.changed.L, c.roomier.L = &c.mu, &c.mu
	c.end = newEndpoint(c)
	return c
}

// request asks the conductor to look at the connection after set has changed it.
func (c *Conn) request(set func()) {
	c.mu.Lock()
	set()
	c.post()
	c.mu.Unlock()
}

// post asks the conductor to look. The mutex is held.
func (c *Conn) post() {
	if !c.posted {
		c.posted = true
		c.local.net.Clock.Post(c.Key(), c)
	}
}

// Key identifies the connection among all that happens in one instant.
func (c *Conn) Key() vtime.Key { return c.local.Key(c.id) }

// Fire does what goroutines have asked for since the last time, on the conductor.
func (c *Conn) Fire() {
	c.mu.Lock()
	c.posted = false
	connecting, giveUp := c.connecting, c.giveUp
	out, consumed := c.out, c.consumed
	shutting, closing, aborting := c.shutting, c.closing, c.aborting
	unread := c.unread
	c.connecting, c.out, c.consumed, c.shutting = false, outbox{}, 0, false
	c.queued += out.size
	readChanged, writeChanged := c.readBy.take(), c.writeBy.take()
	c.mu.Unlock()

	if connecting {
		c.local.connect(c)
	}
	if giveUp != nil && c.end.state == synSent {
		c.end.die(giveUp)
	}
	if out.size > 0 {
		c.end.write(out)
	}
	if consumed > 0 {
		c.end.consumed(consumed, unread)
	}
	if shutting {
		c.end.shut()
	}
	if aborting || closing && c.end.in.unread > 0 {
		c.end.abort(net.ErrClosed)
	} else if closing {
		c.end.close()
	}
	if readChanged {
		c.readBy.arm(c)
	}
	if writeChanged {
		c.writeBy.arm(c)
	}
}

// awaitEstablished blocks until the handshake is over.
func (c *Conn) awaitEstablished() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.established && c.inErr == nil {
		c.changed.Wait()
	}
	if !c.established {
		return c.inErr
	}
	return nil
}

// Read reads what has arrived. It returns io.EOF after the other side has
// ended its stream, and ECONNRESET after a reset.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.fail("read", net.ErrClosed)
		case c.readBy.expired:
			return 0, c.fail("read", os.ErrDeadlineExceeded)
		case len(p) == 0:
			return 0, nil
		case c.unread > 0:
			n := 0
			for n < len(p) && c.unread > n {
				next := &c.in[c.read]
				k := copy(p[n:], next.bytes)
				n += k
				if k == len(next.bytes) {
					next.release()
					c.read++
				} else {
					next.bytes = next.bytes[k:]
				}
			}
			if c.read == len(c.in) {
				c.in, c.read = c.in[:0], 0
			}
			c.unread -= n
			c.consumed += n
			c.post()
			return n, nil
		case c.inErr == io.EOF:
			return 0, io.EOF
		case c.inErr != nil:
			return 0, c.fail("read", os.NewSyscallError("read", c.inErr))
		}
		c.changed.Wait()
	}
}

// Write hands p to the connection. On a dialled connection it never blocks; on
// an accepted one it blocks while more is under way than the send buffer takes.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	defer func() {
		if n > 0 && c.partial { // ours: no other has begun
			c.partial = false
			c.roomier.Broadcast()
		}
	}()
	for {
		switch {
		case c.closed:
			return n, c.fail("write", net.ErrClosed)
		case c.writeBy.expired:
			return n, c.fail("write", os.ErrDeadlineExceeded)
		case c.writeClosed:
			return n, c.fail("write", os.NewSyscallError("write", syscall.EPIPE))
		case c.outErr != nil:
			return n, c.fail("write", os.NewSyscallError("write", c.outErr))
		}
		k := len(p) - n
		if c.room > 0 && c.drained == nil {
			k = min(k, c.room-c.queued-c.out.size)
		}
		if c.partial && n == 0 {
			k = 0
		}
		if k > 0 {
			c.out.add(p[n : n+k])
			n += k
			c.post()
		}
		if n == len(p) {
			return n, nil
		}
		c.partial = c.partial || n > 0
		c.writing++
		c.roomier.Wait()
		c.writing--
	}
}

// Close ends the connection. What was written is still delivered; if something
// was received and not read, the other side is reset, as Linux does (RFC 2525
// section 2.17).
func (c *Conn) Close() error {
	return c.finish("close", func() { c.closing = true })
}

// Abort ends the connection with a reset, dropping what is not yet delivered:
// what Close does after SetLinger(0).
func (c *Conn) Abort() error {
	return c.finish("close", func() { c.aborting = true })
}

// isClosed reports whether the connection has ended for its program.
func (c *Conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func (c *Conn) finish(op string, set func()) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.fail(op, net.ErrClosed)
	}
	c.closed = true
	set()
	c.post()
	c.broadcast()
	return nil
}

// broadcast lets all blocked calls look again. The mutex is held.
func (c *Conn) broadcast() {
	c.changed.Broadcast()
	c.roomier.Broadcast()
}

// CloseWrite ends the stream to the other side, which reads io.EOF behind it,
// and keeps the other direction open.
func (c *Conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	if !c.writeClosed {
		c.writeClosed, c.shutting = true, true
		c.post()
		c.broadcast()
	}
	return nil
}

// LocalAddr returns the local address, a *net.TCPAddr.
func (c *Conn) LocalAddr() net.Addr { return c.local.tcpAddr(c.localPort) }

// RemoteAddr returns the other side's address, a *net.TCPAddr.
func (c *Conn) RemoteAddr() net.Addr { return c.remote.tcpAddr(c.remotePort) }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline ends blocked and future Reads with os.ErrDeadlineExceeded at
// the time t of the bubble's clock; the zero time means never.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(&c.readBy, t) }

// SetWriteDeadline does the same for Writes.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(&c.writeBy, t) }

func (c *Conn) setDeadline(d *deadline, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.fail("set", net.ErrClosed)
	}
	if d.set(t) {
		c.post()
	}
	c.broadcast()
	return nil
}

func (c *Conn) fail(op string, err error) error {
	if err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// update changes what goroutines see of the connection, in an event of its own
// that lets the calls blocked on it look again.
func (c *Conn) update(set func()) {
	c.local.net.Clock.Wake(0, vtime.Func(func() {
		c.mu.Lock()
		set()
		c.broadcast()
		c.mu.Unlock()
	}))
}

// freed tells that the endpoint holds n bytes less and may hold room.
func (c *Conn) freed(n, room int) {
	c.mu.Lock()
	c.queued -= n
	if c.accepted {
		c.room = room
	}
	// As Linux does, wake writers only when a third of the room is free.
	third := c.room > 0 && c.queued <= room-room/3
	blocked, drained := c.writing > 0, c.drained
	c.mu.Unlock()
	if third && drained != nil {
		drained()
	} else if third && blocked {
		c.update(func() {})
	}
}

// Buffer leaves the send buffer's limit to a layer above that must not block
// in Write: Write takes everything, Room tells how much it should be given, and
// drained is called, on the conductor, whenever a third of the buffer is free,
// and when the connection ends.
func (c *Conn) Buffer(drained func()) {
	c.mu.Lock()
	c.drained = drained
	c.mu.Unlock()
}

// Room returns how many bytes the send buffer takes at the moment, and false
// if it has no limit.
func (c *Conn) Room() (n int, limited bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.room - c.queued - c.out.size, c.room > 0
}

// delivery is the event that hands received bytes to the program. Each segment
// is an event of its own, so that how many of them a Read returns does not
// depend on scheduling.
type delivery struct {
	conn *Conn
	data []piece
}

func (d *delivery) Fire() {
	c := d.conn
	c.mu.Lock()
	for _, p := range d.data {
		c.in = append(c.in, p)
		c.unread += len(p.bytes)
	}
	c.changed.Broadcast()
	c.mu.Unlock()
	d.conn = nil
	clear(d.data)
	d.data = d.data[:0]
	c.local.net.deliveries = append(c.local.net.deliveries, d)
}

func (n *Network) newDelivery(c *Conn) *delivery {
	if k := len(n.deliveries); k > 0 {
		d := n.deliveries[k-1]
		n.deliveries = n.deliveries[:k-1]
		d.conn = c
		return d
	}
	return &delivery{conn: c}
}
