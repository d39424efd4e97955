//go:build linux

package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"protosim/model/store"
	"protosim/model/vtime"
)

// installed is a real redis-server, one for all tests of this process that
// need one. Each test finds it empty.
var installed struct {
	sync.Mutex
	path string // of its socket
	stop func()
}

// stopInstalled ends the redis-server, if one was started.
func stopInstalled() {
	if installed.stop != nil {
		installed.stop()
	}
}

// realRedis returns how to connect to a redis-server without data.
func realRedis(t testing.TB) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	installed.Lock()
	defer installed.Unlock()
	if installed.path == "" {
		startRedis(t)
	}
	path := installed.path
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "FLUSHALL\r\n")
	if reply, err := bufio.NewReader(c).ReadString('\n'); err != nil || reply != "+OK\r\n" {
		t.Fatalf("FLUSHALL: %q, %v", reply, err)
	}
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
}

func startRedis(t testing.TB) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatalf("redis-server is missing, and the store's client must agree with a real one: apt-get install redis-server (%v)", err)
	}
	dir := testDir
	path := filepath.Join(dir, "redis.sock")
	cmd := exec.Command(program, "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", dir)
	log, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(log)
	text := ""
	for {
		if c, err := net.Dial("unix", path); err == nil {
			c.Close()
			break
		}
		line, err := lines.ReadString('\n') // it says so when it listens
		text += line
		if err != nil {
			cmd.Wait()
			t.Fatalf("redis-server does not start:\n%s", text)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(io.Discard, lines)
	}()
	installed.path = path
	installed.stop = func() {
		cmd.Process.Kill()
		<-done
		cmd.Wait()
	}
}

// loopback starts this package's server on a socket of the kernel, in real time.
func loopback(t testing.TB, c store.ServerConfig) (address string, s *store.Server) {
	t.Helper()
	if c.Time == nil {
		c.Time = vtime.NewReal()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s = store.NewServer(c)
	s.Serve(l)
	t.Cleanup(s.Close)
	return l.Addr().String(), s
}

// realPlace has a client in real time.
func realPlace(t testing.TB, address string, dial func(context.Context, string, string) (net.Conn, error)) place {
	clock := vtime.NewReal()
	return place{
		time: clock,
		open: func(c store.Config) store.Sessions {
			c.Time, c.Dial, c.Address = clock, dial, address
			s := store.NewRedis(c)
			t.Cleanup(func() { s.Close() })
			return s
		},
		pass: time.Sleep,
	}
}

// The client does with a real redis-server what it does in the simulation.
func TestRedisReal(t *testing.T) {
	suite(t, func(t *testing.T, test func(*testing.T, place)) {
		test(t, realPlace(t, "redis:6379", realRedis(t)))
	})
}

// And so it does with this package's server on a real socket.
func TestRedisLoopback(t *testing.T) {
	suite(t, func(t *testing.T, test func(*testing.T, place)) {
		address, _ := loopback(t, store.ServerConfig{})
		test(t, realPlace(t, address, new(net.Dialer).DialContext))
	})
}
