//go:build linux

package store_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"

	"protosim/model/store"
)

// caller sends commands to a server and returns its replies, byte by byte.
type caller struct {
	testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func newCaller(t testing.TB, dial func(context.Context, string, string) (net.Conn, error), address string) *caller {
	t.Helper()
	c, err := dial(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &caller{t, c, bufio.NewReader(c)}
}

// callers returns one of this package's server and one of a real redis-server.
func callers(t testing.TB) (ours, real *caller) {
	address, _ := loopback(t, store.ServerConfig{})
	return newCaller(t, new(net.Dialer).DialContext, address), newCaller(t, realRedis(t), "")
}

// command encodes a command.
func command(args ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b.Bytes()
}

func (c *caller) call(args ...string) string { c.Helper(); return c.raw(command(args...)) }

// raw sends bytes and returns one reply.
func (c *caller) raw(b []byte) string {
	c.Helper()
	if _, err := c.conn.Write(b); err != nil {
		c.Fatal(err)
	}
	return c.reply()
}

func (c *caller) reply() string {
	line, err := c.r.ReadString('\n')
	if err != nil {
		return line + err.Error()
	}
	n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
	switch line[0] {
	case '$':
		if n < 0 {
			return line
		}
		b := make([]byte, n+2)
		if _, err := io.ReadFull(c.r, b); err != nil {
			return line + err.Error()
		}
		return line + string(b)
	case '%':
		n *= 2
		fallthrough
	case '*':
		for range n {
			line += c.reply()
		}
	}
	return line
}

// Every command and every mistake gets the reply of a real redis-server, byte
// by byte.
func TestCommandsAsRedis(t *testing.T) {
	ours, real := callers(t)
	for line := range strings.Lines(`
		PING|ping hello|PING a b|ECHO x|ECHO|NOSUCH|nosuch a b c|GET|GET a b
		SELECT 0|SELECT 99|SELECT x|RESET
		GET a|SET a 1|GET a|SET a 2 NX|GET a|SET a 3 XX|GET a|SET b 1 XX|GET b|SET b 1 nx|SET b
		SET a 4 GET|SET c 4 GET|SET c 5 NX GET|SET d 5 NX GET|SET d 6 XX GET|SET a 1 NX XX|SET a 1 BAD|SET a 1 EX
		SET a 1 EX 0|SET a 1 EX -1|SET a 1 EX x|SET a 1 EX 9223372036854775807|SET a 1 PX 1.5|SET a 1 EX 10 PX 10|SET a 1 EX 10 KEEPTTL
		TTL a|SET a 1 EX 1000|TTL a|SET a 2 KEEPTTL|TTL a|SET a 2|TTL a|TTL none|PTTL none|SET a 1 PX 1000000|TTL a|PTTL none
		EXPIRE a 2000|TTL a|EXPIRE none 10|EXPIRE a x|EXPIRE a|EXPIRE a 10 BAD|EXPIRE a 10 NX XX|EXPIRE a 10 GT LT
		EXPIRE a 3000 GT|TTL a|EXPIRE a 2500 GT|EXPIRE a 2500 LT|TTL a|EXPIRE a 3000 LT|EXPIRE a 99 NX|PERSIST a|PERSIST a|TTL a|EXPIRE a 10 XX|EXPIRE a 10 GT|EXPIRE a 2000 LT|TTL a
		EXPIRE a 0|EXISTS a|SET a 1|EXPIRE a -1|EXISTS a|SET a 1|PEXPIRE a 4000000|TTL a|EXPIRE a 9223372036854775807|EXPIRE a -9223372036854775808
		GETEX a|GETEX a EX 5000|TTL a|GETEX a PERSIST|TTL a|GETEX none EX 10|GETEX a EX 0|GETEX a BAD|GETEX a EX|GETEX a EX 10 PERSIST|GETEX a NX|GETEX a PX 7000000|TTL a
		GETDEL a|GETDEL a|SETNX a 1|SETNX a 2|GET a|SETEX a 100 v|TTL a|SETEX a 0 v|SETEX a x v|PSETEX a 200000 w|TTL a|PSETEX a -1 v|GET a
		MGET a none a|MGET|STRLEN a|STRLEN none
		SET n 10|INCR n|INCRBY n 5|DECR n|DECRBY n 20|GET n|INCR new|TTL new|SET n x|INCR n|INCRBY new x|INCRBY new 1.5|SET n 9223372036854775807|INCR n|SET n -9223372036854775808|DECR n|DECRBY n -9223372036854775808|DECRBY new -9223372036854775808|SET n 01|INCR n|SET n -0|INCR n|SET n 0|INCR n|SET n +1|INCR n|SET n ''|INCR n
		DEL a none a|DEL|UNLINK n new|EXISTS a b c d|EXISTS|TOUCH a b c d|DBSIZE|DBSIZE x|FLUSHDB|DBSIZE|SET x 1|FLUSHALL|DBSIZE
		CLIENT GETNAME|CLIENT SETNAME tester|CLIENT GETNAME|CLIENT SETNAME 'a b'|CLIENT GETNAME x|CLIENT SETNAME|CLIENT|CLIENT NOSUCH
		HELLO x|HELLO 4|HELLO 2 BAD|GET none|RESET|CLIENT GETNAME`) {
		for cmd := range strings.SplitSeq(strings.TrimSpace(line), "|") {
			if cmd == "" {
				continue
			}
			// As a person types it, and if nothing is in quotes as a program sends it.
			if !strings.Contains(cmd, "'") {
				compare(t, cmd, ours.call(strings.Fields(cmd)...), real.call(strings.Fields(cmd)...))
				continue
			}
			compare(t, cmd, ours.raw([]byte(cmd+"\r\n")), real.raw([]byte(cmd+"\r\n")))
		}
	}
}

func compare(t testing.TB, what, ours, real string) {
	t.Helper()
	if ours != real {
		t.Errorf("%.200q: reply\n%q, want redis-server's\n%q", what, ours, real)
	}
}

// What cannot be understood is answered, and ends the connection, as with a
// real redis-server. What can be is understood.
func TestInputAsRedis(t *testing.T) {
	for _, input := range []string{
		"*1\r\n$4\r\nPING\r\n", "PING\r\n", "PING\n", "\r\n\r\nPING\r\n", "*0\r\n*-5\r\nPING\r\n", "  PING  \r\n",
		"\"ping\" \"a\\x41\\n\\\"b\"\r\n", "ping 'a\\'b'\r\n", "ping \"a", "ping \"a\"b\r\n", "ping 'a\r\n", "ping a\"b\"\r\n", "ping \"\"\r\n",
		"*1\r\n$4\r\nPINGxx", "*x\r\n", "*\r\n", "*1\r\nx\r\n", "*1\r\n\r\n", "*1\r\n$x\r\n", "*1\r\n$-1\r\n", "*1\r\n$99999999999\r\n",
		"*9000000000000000000\r\n", "*2000000\r\n", "*1\n$4\nPING\r\n", "*+1\r\n$4\r\nPING\r\n", "*1\r\n$+4\r\nPING\r\n",
		strings.Repeat("x", 70_000), "*" + strings.Repeat("1", 70_000), "*1\r\n$" + strings.Repeat("1", 70_000),
		"*1\r\n$0\r\n\r\n", "GET " + strings.Repeat("x", 1000) + "\r\n", "*2\r\n$3\r\nGET\r\n$1000000\r\n" + strings.Repeat("x", 1_000_000) + "\r\n",
		"nosuch " + strings.Repeat("x", 300) + " y z\r\n", "nosuch " + strings.Repeat("abcdefgh ", 40) + "\r\n", strings.Repeat("n", 300) + " x\r\n",
		"PING\r\nPING\r\nECHO a\r\nQUIT\r\nPING\r\n", "\x00\r\n", "\xff\xfe\r\n", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
	} {
		ours, real := callers(t)
		compare(t, input, ours.exchange(input), real.exchange(input))
	}
}

// exchange sends everything, ends the stream, and returns all that comes back.
func (c *caller) exchange(input string) string {
	go func() {
		io.WriteString(c.conn, input)
		c.conn.(interface{ CloseWrite() error }).CloseWrite()
	}()
	b, _ := io.ReadAll(c.r) // a reset is an end too
	return string(b)
}

// Long series of random commands on a few keys get the same replies.
func TestRandomCommandsAsRedis(t *testing.T) {
	ours, real := callers(t)
	r := rand.New(rand.NewPCG(3, 4))
	pick := func(s string) string { f := strings.Fields(s); return f[r.IntN(len(f))] }
	for range 8_000 {
		args := []string{pick("GET GETEX GETDEL SET SET SET SETNX SETEX MGET STRLEN INCR DECRBY DEL EXISTS EXPIRE PERSIST TTL DBSIZE HELLO")}
		for range r.IntN(5) {
			args = append(args, pick("a a a b b c d 1 -1 7 1000 2000 EX PX NX XX GET KEEPTTL PERSIST GT LT 3 2"))
		}
		if args[0] == "HELLO" || hasSmallTime(args) {
			continue // an id differs, and times of milliseconds are a race
		}
		compare(t, strings.Join(args, " "), ours.call(args...), real.call(args...))
		if t.Failed() {
			return
		}
	}
}

// hasSmallTime reports whether a command sets a time that may be over, or be
// rounded otherwise, before the next.
func hasSmallTime(args []string) bool {
	for i, a := range args {
		if a == "PX" || i == 2 && args[0] == "EXPIRE" && len(a) == 1 || i == 2 && args[0] == "SETEX" && len(a) == 1 {
			return true
		}
		if a == "EX" && i+1 < len(args) && len(args[i+1]) == 1 {
			return true
		}
	}
	return false
}

// HELLO tells about the server in either protocol; only the connection's
// number and the version differ.
func TestHelloAsRedis(t *testing.T) {
	ours, real := callers(t)
	for _, cmd := range []string{"HELLO", "HELLO 3", "GET none", "MGET none", "HELLO", "HELLO 2 SETNAME me", "CLIENT GETNAME", "GET none", "HELLO 3", "RESET", "GET none", "CLIENT GETNAME"} {
		a, b := ours.call(strings.Fields(cmd)...), real.call(strings.Fields(cmd)...)
		if strings.HasPrefix(cmd, "HELLO") {
			a, b = withoutIdentity(a), withoutIdentity(b)
		}
		compare(t, cmd, a, b)
	}
}

func withoutIdentity(hello string) string {
	parts := strings.Split(hello, "\r\n")
	for i, p := range parts {
		switch p {
		case "id":
			parts[i+1] = ":1"
		case "version":
			parts[i+1], parts[i+2] = "$n", "any"
		}
	}
	return strings.Join(parts, "\r\n")
}

// What sessions take of the memory is what they take of a real redis-server's.
func TestMemoryAsRedis(t *testing.T) {
	used := func(c *caller) int {
		_, text, _ := strings.Cut(c.call("INFO", "memory"), "used_memory:")
		n, err := strconv.Atoi(text[:strings.Index(text, "\r")])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const sessions = 5_000
	for _, size := range []int{100, 1000, 10_000} {
		address, server := loopback(t, store.ServerConfig{})
		ours, real := newCaller(t, new(net.Dialer).DialContext, address), newCaller(t, realRedis(t), "")
		before := used(real)
		value := strings.Repeat("x", size)
		for i := range sessions {
			args := []string{"SET", fmt.Sprintf("session:%08d", i), value, "EX", "1800"}
			ours.call(args...)
			real.call(args...)
		}
		got, want := server.Stats().Bytes/sessions, (used(real)-before)/sessions
		t.Logf("a session of %d bytes takes %d, in redis-server %d", size, got, want)
		if got < want*90/100 || got > want*110/100 {
			t.Errorf("a session of %d bytes takes %d, in redis-server %d", size, got, want)
		}
	}
}
