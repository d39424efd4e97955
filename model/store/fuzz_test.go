//go:build linux

package store_test

import (
	"bufio"
	"bytes"
	"net"
	"strings"
	"testing"

	"protosim/model/store"
	"protosim/model/vtime"
)

// script is a connection whose client has said all it will say.
type script struct {
	net.Conn // nil
	in       *bytes.Reader
	out      bytes.Buffer
	done     chan struct{}
}

func (c *script) Read(b []byte) (int, error)  { return c.in.Read(b) }
func (c *script) Write(b []byte) (int, error) { return c.out.Write(b) }
func (c *script) Close() error                { close(c.done); return nil }

// scriptListener accepts scripts.
type scriptListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *scriptListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *scriptListener) Close() error   { close(l.done); return nil }
func (l *scriptListener) Addr() net.Addr { return &net.UnixAddr{} }

// answer returns everything that the server says to input.
func (l *scriptListener) answer(input []byte) []byte {
	c := &script{in: bytes.NewReader(input), done: make(chan struct{})}
	l.conns <- c
	<-c.done
	return c.out.Bytes()
}

// FuzzServer sends any bytes to a server: it answers in the protocol, ends the
// connection when they make no sense, and goes on serving others.
func FuzzServer(f *testing.F) {
	for _, seed := range []string{
		"*9000000000000000000\r\n", "*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "SET a 1 EX 10\r\nGET a\r\n",
		"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000\r\n", "*2147483647\r\n$1\r\n", "*-1\r\n", "PING \"\\x4", "HELLO 3\r\nGET none\r\n",
		"*1\r\n$536870912\r\n", "EXPIRE a 9223372036854775807\r\nSET a 1 PX 9223372036854\r\nEXPIRE a -9223372036854775808\r\nTTL a\r\n",
		"INCRBY a 9223372036854775807\r\nINCR a\r\n", "a\rb\r\n", "GETEX a PERSIST\r\nMGET a b a\r\nFLUSHALL\r\nQUIT\r\n",
	} {
		f.Add([]byte(seed))
	}
	l := &scriptListener{make(chan net.Conn), make(chan struct{})}
	s := store.NewServer(store.ServerConfig{Time: vtime.NewReal(), Memory: 1 << 20, Eviction: store.LRU})
	s.Serve(l)
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, input []byte) {
		out := l.answer(input)
		replies := &caller{TB: t, r: bufio.NewReader(bytes.NewReader(out))}
		for {
			if _, err := replies.r.Peek(1); err != nil {
				break
			}
			reply := replies.reply()
			if !strings.HasSuffix(reply, "\r\n") || !strings.Contains("+-:$*%_", reply[:1]) {
				t.Fatalf("after %q the server says %q, in which %q is no reply", input, out, reply)
			}
		}
		if pong := l.answer([]byte("PING\r\n")); string(pong) != "+PONG\r\n" {
			t.Fatalf("after %q the server answers PING with %q", input, pong)
		}
	})
}
