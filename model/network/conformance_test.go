package network_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// stack is a TCP to be tested: the simulated one, or the kernel's.
type stack interface {
	listen(t testing.TB) net.Listener
	dial(ctx context.Context, address string) (net.Conn, error)
	reset(net.Conn)             // ends a connection abruptly
	sleep(time.Duration)        // lets time pass
	nobody(t testing.TB) string // an address at which nobody listens
	start(f func())             // runs f on a goroutine of its own
}

// conformance holds what code that was written for the kernel's TCP relies on.
// The same tests run against both.
var conformance = map[string]func(testing.TB, stack){
	"addresses":            testAddresses,
	"half close":           testHalfClose,
	"reset":                testReset,
	"reset of a writer":    testResetWriter,
	"refused":              testRefused,
	"dial cancelled":       testDialCancelled,
	"bad address":          testBadAddress,
	"deadlines":            testDeadlines,
	"deadline moved":       testDeadlineMoved,
	"write deadline":       testWriteDeadline,
	"closed":               testClosed,
	"close while reading":  testCloseWhileReading,
	"close while writing":  testCloseWhileWriting,
	"close delivers":       testCloseDelivers,
	"close with unread":    testCloseWithUnread,
	"write after shutdown": testWriteAfterShutdown,
	"listener closed":      testListenerClosed,
	"accepted late":        testAcceptedLate,
	"both ways":            testBothWays,
	"many":                 testMany,
	"writes stay whole":    testWritesStayWhole,
	"empty":                testEmpty,
	"HTTP/2 backpressure":  testHTTP2Backpressure,
}

// pair returns the two ends of a connection.
func pair(t testing.TB, s stack) (client, server net.Conn) {
	t.Helper()
	l := s.listen(t)
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	s.start(func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	})
	client, err := s.dial(context.Background(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return client, <-accepted
}

// mustBe checks that err is an OpError of the operation and wraps one of the
// wanted errors.
func mustBe(t testing.TB, err error, op string, wanted ...error) {
	t.Helper()
	var e *net.OpError
	if !errors.As(err, &e) || e.Op != op || e.Net != "tcp" {
		t.Errorf("error %#v, want a net.OpError of %s", err, op)
	}
	for _, want := range wanted {
		if errors.Is(err, want) {
			return
		}
	}
	t.Errorf("%s: error %q, want %q", op, err, wanted)
}

func mustRead(t testing.TB, c net.Conn, want string) {
	t.Helper()
	p := make([]byte, len(want))
	if _, err := io.ReadFull(c, p); err != nil || string(p) != want {
		t.Errorf("read %q, %v; want %q", p, err, want)
	}
}

func mustWrite(t testing.TB, c net.Conn, s string) {
	t.Helper()
	if n, err := c.Write([]byte(s)); n != len(s) || err != nil {
		t.Errorf("wrote %d of %d bytes: %v", n, len(s), err)
	}
}

func mustEnd(t testing.TB, c net.Conn) {
	t.Helper()
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d bytes, %v; want io.EOF", n, err)
	}
}

func testAddresses(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer c.Close()
	defer d.Close()
	if c.LocalAddr().String() != d.RemoteAddr().String() || c.RemoteAddr().String() != d.LocalAddr().String() {
		t.Errorf("%v to %v, but %v to %v", c.LocalAddr(), c.RemoteAddr(), d.RemoteAddr(), d.LocalAddr())
	}
	if _, ok := c.LocalAddr().(*net.TCPAddr); !ok || c.LocalAddr().Network() != "tcp" {
		t.Errorf("the address is a %T of network %s", c.LocalAddr(), c.LocalAddr().Network())
	}
}

func testHalfClose(t testing.TB, s stack) {
	c, d := pair(t, s)
	mustWrite(t, c, "request")
	c.(interface{ CloseWrite() error }).CloseWrite()
	request, err := io.ReadAll(d)
	if string(request) != "request" || err != nil {
		t.Errorf("read %q, %v", request, err)
	}
	mustEnd(t, d) // again and again
	mustWrite(t, d, "response")
	mustRead(t, c, "response")
	d.Close()
	mustEnd(t, c)
	c.Close()
}

func testReset(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer c.Close()
	s.reset(d)
	_, err := c.Read(make([]byte, 1))
	mustBe(t, err, "read", syscall.ECONNRESET)
	_, err = c.Write([]byte("x"))
	mustBe(t, err, "write", syscall.EPIPE, syscall.ECONNRESET)
	_, err = d.Write([]byte("x"))
	mustBe(t, err, "write", net.ErrClosed)
}

func testResetWriter(t testing.TB, s stack) {
	for _, accepted := range []bool{false, true} {
		c, d := pair(t, s)
		if accepted {
			c, d = d, c
		}
		s.start(func() {
			s.sleep(20 * ms)
			s.reset(d)
		})
		var err error
		for err == nil {
			_, err = c.Write(make([]byte, 1000))
			s.sleep(ms)
		}
		mustBe(t, err, "write", syscall.EPIPE, syscall.ECONNRESET)
		c.Close()
	}
}

func testRefused(t testing.TB, s stack) {
	c, err := s.dial(context.Background(), s.nobody(t))
	mustBe(t, err, "dial", syscall.ECONNREFUSED)
	if c != nil {
		t.Errorf("a failed dial returned %v", c)
	}
}

func testDialCancelled(t testing.TB, s stack) {
	l := s.listen(t)
	defer l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := s.dial(ctx, l.Addr().String())
	mustBe(t, err, "dial", context.Canceled)
	ctx, cancel = context.WithTimeout(context.Background(), -1)
	defer cancel()
	_, err = s.dial(ctx, l.Addr().String())
	mustBe(t, err, "dial", os.ErrDeadlineExceeded, context.DeadlineExceeded)
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%v is not a timeout", err)
	}
}

func testBadAddress(t testing.TB, s stack) {
	for _, address := range []string{"127.0.0.1", "127.0.0.1:99999", "127.0.0.1:-1", ":::"} {
		if c, err := s.dial(context.Background(), address); err == nil || c != nil {
			t.Errorf("dialling %q gave %v, %v", address, c, err)
		}
	}
}

func testDeadlines(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer c.Close()
	defer d.Close()
	p := make([]byte, 10)

	c.SetReadDeadline(time.Now().Add(-time.Second)) // past
	mustWrite(t, d, "data")
	s.sleep(20 * ms)
	n, err := c.Read(p)
	mustBe(t, err, "read", os.ErrDeadlineExceeded)
	if n != 0 {
		t.Errorf("read %d bytes after the deadline", n)
	}
	mustWrite(t, c, "not affected")
	c.SetReadDeadline(time.Time{}) // none
	mustRead(t, c, "data")

	before := time.Now() // to come
	c.SetReadDeadline(before.Add(30 * ms))
	_, err = c.Read(p)
	mustBe(t, err, "read", os.ErrDeadlineExceeded)
	if passed := time.Since(before); passed < 30*ms {
		t.Errorf("the deadline of 30ms came after %v", passed)
	}
	_, err = c.Read(p) // and stays
	mustBe(t, err, "read", os.ErrDeadlineExceeded)

	c.SetDeadline(time.Now().Add(time.Hour)) // far away
	mustWrite(t, d, "more")
	mustRead(t, c, "more")
}

func testDeadlineMoved(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer c.Close()
	defer d.Close()
	for _, first := range []time.Duration{0, time.Hour, 40 * ms} { // none, later, earlier
		before := time.Now()
		c.SetReadDeadline(time.Time{})
		if first > 0 {
			c.SetReadDeadline(before.Add(first))
		}
		done := make(chan error, 1)
		s.start(func() {
			_, err := c.Read(make([]byte, 1))
			done <- err
		})
		s.sleep(10 * ms)
		c.SetReadDeadline(before.Add(80 * ms)) // while the Read is blocked
		mustBe(t, <-done, "read", os.ErrDeadlineExceeded)
		if passed := time.Since(before); passed < 80*ms {
			t.Errorf("the deadline of 80ms came after %v", passed)
		}
	}
	c.SetReadDeadline(time.Time{})
	done := make(chan error, 1)
	s.start(func() {
		_, err := c.Read(make([]byte, 1))
		done <- err
	})
	s.sleep(10 * ms)
	c.SetReadDeadline(time.Unix(1, 0)) // in the past, while the Read is blocked
	mustBe(t, <-done, "read", os.ErrDeadlineExceeded)
}

// testWriteDeadline is about the accepted end: in the simulation the other
// one's Write never blocks.
func testWriteDeadline(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer c.Close()
	defer d.Close()
	d.SetWriteDeadline(time.Now().Add(-time.Second))
	n, err := d.Write([]byte("x"))
	mustBe(t, err, "write", os.ErrDeadlineExceeded)
	if n != 0 {
		t.Errorf("wrote %d bytes after the deadline", n)
	}
	d.SetWriteDeadline(time.Now().Add(50 * ms))
	total := 0
	for err = nil; err == nil; total += n {
		n, err = d.Write(make([]byte, 100_000)) // nobody reads
	}
	mustBe(t, err, "write", os.ErrDeadlineExceeded)
	d.SetWriteDeadline(time.Time{})
	s.start(func() { d.(interface{ CloseWrite() error }).CloseWrite() })
	if n, err := io.Copy(io.Discard, onlyReader{c}); int(n) != total || err != nil {
		t.Errorf("read %d bytes of the %d that Write said it took: %v", n, total, err)
	}
}

func testClosed(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer d.Close()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	_, err := c.Read(make([]byte, 1))
	mustBe(t, err, "read", net.ErrClosed)
	_, err = c.Write([]byte("x"))
	mustBe(t, err, "write", net.ErrClosed)
	mustBe(t, c.Close(), "close", net.ErrClosed)
	mustBe(t, c.SetDeadline(time.Now()), "set", net.ErrClosed)
	mustBe(t, c.(interface{ CloseWrite() error }).CloseWrite(), "close", net.ErrClosed)
	mustEnd(t, d)
}

func testCloseWhileReading(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer d.Close()
	s.start(func() {
		s.sleep(20 * ms)
		c.Close()
	})
	_, err := c.Read(make([]byte, 1))
	mustBe(t, err, "read", net.ErrClosed)
}

func testCloseWhileWriting(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer c.Close()
	s.start(func() {
		s.sleep(50 * ms)
		d.Close()
	})
	var err error
	for err == nil {
		_, err = d.Write(make([]byte, 100_000))
	}
	mustBe(t, err, "write", net.ErrClosed)
}

func testCloseDelivers(t testing.TB, s stack) {
	c, d := pair(t, s)
	sent := random(300_000)
	s.start(func() {
		c.Write(sent)
		c.Close()
	})
	got, err := io.ReadAll(d)
	if !bytes.Equal(got, sent) || err != nil {
		t.Errorf("read %d bytes of %d: %v", len(got), len(sent), err)
	}
	d.Close()
}

func testCloseWithUnread(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer c.Close()
	mustWrite(t, c, "nobody reads this")
	s.sleep(50 * ms)
	d.Close()
	_, err := c.Read(make([]byte, 1))
	mustBe(t, err, "read", syscall.ECONNRESET)
}

func testWriteAfterShutdown(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer c.Close()
	defer d.Close()
	half := c.(interface{ CloseWrite() error })
	if err := half.CloseWrite(); err != nil {
		t.Error(err)
	}
	_, err := c.Write([]byte("x"))
	mustBe(t, err, "write", syscall.EPIPE)
}

func testListenerClosed(t testing.TB, s stack) {
	l := s.listen(t)
	s.start(func() {
		s.sleep(20 * ms)
		l.Close()
	})
	_, err := l.Accept()
	mustBe(t, err, "accept", net.ErrClosed)
	_, err = l.Accept()
	mustBe(t, err, "accept", net.ErrClosed)
	mustBe(t, l.Close(), "close", net.ErrClosed)
	_, err = s.dial(context.Background(), l.Addr().String())
	mustBe(t, err, "dial", syscall.ECONNREFUSED)
}

func testAcceptedLate(t testing.TB, s stack) {
	l := s.listen(t)
	defer l.Close()
	c, err := s.dial(context.Background(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, c, "early")
	c.Close()
	s.sleep(20 * ms)
	d, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	mustRead(t, d, "early")
	mustEnd(t, d)
	d.Close()
}

func testBothWays(t testing.TB, s stack) {
	c, d := pair(t, s)
	size := 5 << 20
	if testing.Short() {
		size = 1 << 20
	}
	up, down := random(size), random(size+1)
	var wg sync.WaitGroup
	talk := func(conn net.Conn, out, in []byte) {
		wg.Add(2)
		s.start(func() {
			defer wg.Done()
			for p := out; len(p) > 0; p = p[min(len(p), 50_000):] {
				if _, err := conn.Write(p[:min(len(p), 50_000)]); err != nil {
					t.Error(err)
					return
				}
			}
			conn.(interface{ CloseWrite() error }).CloseWrite()
		})
		s.start(func() {
			defer wg.Done()
			h := sha256.New()
			if n, err := io.Copy(h, onlyReader{conn}); int(n) != len(in) || err != nil {
				t.Errorf("read %d bytes of %d: %v", n, len(in), err)
			}
			if want := sha256.Sum256(in); !bytes.Equal(h.Sum(nil), want[:]) {
				t.Error("the content has changed")
			}
		})
	}
	talk(c, up, down)
	talk(d, down, up)
	wg.Wait()
	c.Close()
	d.Close()
}

func testMany(t testing.TB, s stack) {
	n := 300
	if testing.Short() {
		n = 50
	}
	l := s.listen(t)
	var servers, clients sync.WaitGroup
	servers.Add(1)
	s.start(func() {
		defer servers.Done()
		for {
			d, err := l.Accept()
			if err != nil {
				return
			}
			servers.Add(1)
			s.start(func() {
				defer servers.Done()
				defer d.Close()
				io.Copy(struct{ io.Writer }{d}, onlyReader{d})
			})
		}
	})
	for i := range n {
		clients.Add(1)
		s.start(func() {
			defer clients.Done()
			c, err := s.dial(context.Background(), l.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for round := range 3 {
				message := fmt.Sprintf("client %d, round %d", i, round)
				mustWrite(t, c, message)
				mustRead(t, c, message)
			}
		})
	}
	clients.Wait()
	l.Close()
	servers.Wait()
}

// testWritesStayWhole has goroutines write at the same time: what one Write
// takes stays together, even if it blocks in between.
func testWritesStayWhole(t testing.TB, s stack) {
	c, d := pair(t, s)
	const block, writers = 300_000, 4
	var wg sync.WaitGroup
	for i := range writers {
		wg.Add(1)
		s.start(func() {
			defer wg.Done()
			d.Write(bytes.Repeat([]byte{byte(i)}, block))
		})
	}
	s.start(func() {
		wg.Wait()
		d.Close()
	})
	got, err := io.ReadAll(onlyReader{c})
	if len(got) != writers*block || err != nil {
		t.Fatalf("read %d bytes of %d: %v", len(got), writers*block, err)
	}
	for i := range writers {
		part := got[i*block : (i+1)*block]
		if n := bytes.Count(part, part[:1]); n != block {
			t.Errorf("block %d holds %d bytes of one Write, want %d", i, n, block)
		}
	}
	c.Close()
}

func testEmpty(t testing.TB, s stack) {
	c, d := pair(t, s)
	defer c.Close()
	defer d.Close()
	if n, err := c.Write(nil); n != 0 || err != nil {
		t.Errorf("an empty Write returned %d, %v", n, err)
	}
	if n, err := c.Read(nil); n != 0 || err != nil {
		t.Errorf("an empty Read returned %d, %v", n, err)
	}
}

// testHTTP2Backpressure has a handler write 10 MB to a client that does not
// read: the server must not hold more than the windows allow, other streams
// must go on, and once the client reads, all must arrive.
func testHTTP2Backpressure(t testing.TB, s stack) {
	const size = 10 << 20
	var written atomic.Int64
	l := s.listen(t)
	server := &http.Server{Protocols: new(http.Protocols), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/small" {
			io.WriteString(w, "small")
			return
		}
		for range size / 10_240 {
			n, err := w.Write(make([]byte, 10_240))
			written.Add(int64(n))
			if err != nil {
				t.Error(err)
				return
			}
		}
	})}
	server.Protocols.SetUnencryptedHTTP2(true)
	served := make(chan struct{})
	s.start(func() {
		server.Serve(l)
		close(served)
	})
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) { return s.dial(ctx, address) },
		Protocols:   new(http.Protocols),
	}
	transport.Protocols.SetUnencryptedHTTP2(true)
	get := func(path string) io.ReadCloser {
		req, _ := http.NewRequest("GET", "http://"+l.Addr().String()+path, nil)
		res, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		return res.Body
	}

	large := get("/large")
	for last := int64(-1); written.Load() != last || last == 0; { // until the handler is stuck
		last = written.Load()
		s.sleep(300 * ms)
	}
	if n := written.Load(); n > 6<<20 {
		t.Errorf("the handler could write %d bytes to a client that does not read", n)
	}
	for range 20 {
		body := get("/small")
		if p, err := io.ReadAll(body); string(p) != "small" || err != nil {
			t.Errorf("beside a stream that is stuck: %q, %v", p, err)
		}
		body.Close()
	}
	if n, err := io.Copy(io.Discard, onlyReader{large}); n != size || err != nil {
		t.Errorf("read %d bytes of %d: %v", n, size, err)
	}
	large.Close()
	transport.CloseIdleConnections()
	server.Close()
	<-served
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}
