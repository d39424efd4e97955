package network_test

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"protosim/model/network"
)

// A crash resets the host's connections, with what is under way arriving
// first, and frees its ports; new dials are refused, and it can listen again.
func TestCrash(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		c, s := r.connect()
		l := r.listen()
		accepting := r.goDo(1, func() {
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("accept ended with %v", err)
			}
		})
		s.Write([]byte("last words"))
		began := r.clock.Now()
		r.at(began+time.Microsecond, r.server.Crash)
		mustRead(t, c, "last words")
		_, err := c.Read(make([]byte, 1))
		if !errors.Is(err, syscall.ECONNRESET) || r.clock.Now() != began+50*ms+time.Microsecond {
			t.Errorf("read ended at %v with %v", r.clock.Now(), err)
		}
		_, err = s.Read(make([]byte, 1))
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("on the crashed host read ended with %v", err)
		}
		c.Close()
		accepting()
		if _, err := r.client.Dial(context.Background(), "tcp", "server:80"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a dial ended with %v", err)
		}
		c, s = r.connect()
		c.Close()
		s.Close()
	})
	if s := r.client.Stats(); s.Resets != 1 || s.Refused != 1 || s.Opened != 2 || s.Open != 0 || s.Peak != 1 {
		t.Errorf("the client's counters are %+v", s)
	}
}

// A host that vanished is silent, and after its return what was sent again arrives.
func TestVanishAndReturn(t *testing.T) {
	play(t, network.TCP{}, func(r *rig) {
		c, s := r.connect() // at 150 ms
		r.server.Vanish()
		c.Write([]byte("anybody there?"))
		r.at(2*time.Second, r.server.Return)
		mustRead(t, s, "anybody there?")
		// Sent at 150, the probe at 450, then after 300, 600 and 1200 ms.
		if got := r.clock.Now(); got != 2600*ms {
			t.Errorf("arrived at %v, want 2.6s", got)
		}
		c.Close()
		s.Close()
	})
}

// Ports of dials count up and are free again when connections have ended.
func TestPorts(t *testing.T) {
	play(t, network.TCP{}, func(r *rig) {
		r.delay(0)
		for i := range 30 {
			c, s := r.connect()
			if port := c.LocalAddr().(*net.TCPAddr).Port; port != 32768+i {
				t.Errorf("dial %d came from port %d", i, port)
			}
			c.Close()
			s.Close()
		}
		r.sleep(ms)
		if n := r.client.Endpoints() + r.server.Endpoints(); n != 0 {
			t.Errorf("%d ends are still there", n)
		}
	})
}

func TestListenTwice(t *testing.T) {
	play(t, network.TCP{}, func(r *rig) {
		l := r.listen()
		_, err := r.server.Listen(":80")
		mustBe(t, err, "listen", syscall.EADDRINUSE)
		l.Close()
		r.sleep(ms)
		l = r.listen()
		l.Close()
	})
}

func TestUnknownHost(t *testing.T) {
	play(t, network.TCP{}, func(r *rig) {
		for _, address := range []string{"nowhere:80", "10.9.9.9:80"} {
			_, err := r.client.Dial(context.Background(), "tcp", address)
			var dns *net.DNSError
			if !errors.As(err, &dns) || !dns.IsNotFound {
				t.Errorf("dialling %s gave %v, want a DNSError that is not found", address, err)
			}
		}
		_, err := r.client.Dial(context.Background(), "udp", "server:80")
		var unknown net.UnknownNetworkError
		if !errors.As(err, &unknown) {
			t.Errorf("dialling udp gave %v", err)
		}
		c, err := r.client.Dial(context.Background(), "tcp", r.server.Addr.String()+":80")
		mustBe(t, err, "dial", syscall.ECONNREFUSED)
		if c != nil {
			t.Error("a failed dial returned a connection")
		}
	})
}

func TestSecondHostOfAName(t *testing.T) {
	play(t, network.TCP{}, func(r *rig) {
		defer func() {
			if recover() == nil {
				t.Error("two hosts have the same name")
			}
		}()
		r.NewHost("client")
	})
}
