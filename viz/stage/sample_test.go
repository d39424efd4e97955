package stage_test

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"protosim/model/trace"
	"protosim/viz/figure"
	"protosim/viz/stage"
)

// textWidths measures texts with the charts' font.
type textWidths struct{}

func (textWidths) Width(text []byte, size float64, bold bool) float64 {
	return figure.TextWidth(string(text), size, bold)
}

// fixedWidths takes every letter for as wide, without any memory.
type fixedWidths struct{}

func (fixedWidths) Width(text []byte, size float64, _ bool) float64 {
	return float64(len(text)) * size * .56
}

// cluster describes a made-up run: clients, a balancer and servers, of which the
// second crashes at 20 s and is back at 25 s.
type cluster struct {
	clients, servers int
	sticky           bool // sessions are in the servers' memories, as with sockets
	push             bool
	roles            []trace.Role // what else stands in between
}

// script writes a trace in the order of time.
type script struct{ events []trace.Event }

func (s *script) at(t time.Duration, e trace.Event) {
	e.At = t
	s.events = append(s.events, e)
}

// trace makes up what happens in a minute.
func (c cluster) trace() []trace.Event {
	s := &script{}
	draw := rand.New(rand.NewPCG(1, 2))
	id := uint32(0)
	host := func(name string, role trace.Role) uint32 {
		id++
		s.at(0, trace.Event{Kind: trace.Host, Host: id, Text: name, Code: int(role)})
		return id
	}
	balancer := host("www", trace.Balancer)
	var servers []uint32
	for i := range c.servers {
		servers = append(servers, host("www-"+string(rune('1'+i%9)), trace.Server))
	}
	for _, role := range c.roles {
		host("extra", role)
	}
	clients := make([]uint32, c.clients)
	for i := range clients {
		clients[i] = host("client", trace.Client)
	}
	for _, h := range servers {
		s.at(0, trace.Event{Kind: trace.State, Host: h, Code: int(trace.Up)})
	}
	const ms = time.Millisecond
	pin, serial, conn := make([]int, c.clients), make([]uint32, c.clients), uint64(0)
	open := make([]uint64, c.clients)
	connect := func(t time.Duration, i int) {
		conn++
		open[i] = conn
		s.at(t, trace.Event{Kind: trace.Opened, Host: clients[i], Peer: balancer, Conn: conn})
		if c.sticky {
			s.at(t, trace.Event{Kind: trace.Opened, Host: balancer, Peer: servers[pin[i]], Conn: conn + 1<<20})
		}
	}
	begin := func(t time.Duration, i int) {
		e := trace.Event{Kind: trace.SessionBegan, Client: uint32(i)}
		if c.sticky {
			e.Host = servers[pin[i]]
		}
		s.at(t, e)
	}
	if !c.sticky {
		for i, h := range servers {
			s.at(0, trace.Event{Kind: trace.Opened, Host: balancer, Peer: h, Conn: uint64(1<<30 + i)})
		}
	}
	down := false
	for step := range 600 {
		t := time.Duration(step+1) * 100 * ms
		switch t {
		case 20 * time.Second:
			down = true
			s.at(t, trace.Event{Kind: trace.State, Host: servers[1], Code: int(trace.Down), Text: "www-2 crashed at 20s"})
			s.at(t, trace.Event{Kind: trace.Fault, Host: servers[1], Code: 1, Text: "crash of www-2"})
			for i := range clients {
				if c.sticky && open[i] != 0 && pin[i] == 1 {
					s.at(t, trace.Event{Kind: trace.Closed, Host: balancer, Peer: servers[1], Conn: open[i] + 1<<20, Text: "reset"})
					s.at(t, trace.Event{Kind: trace.Closed, Host: clients[i], Peer: balancer, Conn: open[i], Text: "reset"})
					s.at(t, trace.Event{Kind: trace.SessionLost, Client: uint32(i), Text: "www-2 crashed at 20s"})
					s.at(t, trace.Event{Kind: trace.Disconnected, Host: clients[i], Client: uint32(i)})
					open[i], pin[i] = 0, 2*(i/c.servers%2)
					if c.servers < 3 {
						pin[i] = 0
					}
				}
			}
		case 25 * time.Second:
			down = false
			s.at(t, trace.Event{Kind: trace.State, Host: servers[1], Code: int(trace.Up), Text: "started"})
			s.at(t, trace.Event{Kind: trace.Fault, Host: servers[1], Text: "crash of www-2"})
		}
		for i := range clients {
			switch {
			case step == 10+i%20:
				pin[i] = i % c.servers
				connect(t, i)
				begin(t, i)
			case open[i] == 0 && step > 210 && draw.IntN(20) == 0:
				s.at(t, trace.Event{Kind: trace.Reconnecting, Host: clients[i], Client: uint32(i)})
				connect(t, i)
				begin(t, i)
			case open[i] != 0 && draw.IntN(20) == 0:
				serial[i]++
				to := servers[pin[i]]
				if !c.sticky {
					k := draw.IntN(c.servers)
					if down && k == 1 {
						k = 0
					}
					to = servers[k]
				}
				took := time.Duration(30+draw.IntN(900)) * ms
				outcome := "ok"
				switch draw.IntN(50) {
				case 0:
					outcome = "failed"
				case 1:
					outcome = "abandoned"
				}
				for _, e := range []trace.Event{
					{At: 0, Kind: trace.Request, Host: clients[i], Text: "GET /act/1"},
					{At: 0, Kind: trace.Flight, Host: clients[i], Peer: balancer, Bytes: 300, Until: t + 15*ms},
					{At: took / 3, Kind: trace.Serving, Host: to},
					{At: took / 2, Kind: trace.Served, Host: to, Code: 200},
					{At: took, Kind: trace.Response, Host: clients[i], Code: 200, Text: outcome},
				} {
					e.Client, e.Serial = uint32(i), serial[i]
					s.at(t+e.At, e)
				}
				if c.push {
					s.at(t, trace.Event{Kind: trace.Delivered, Host: clients[i], Client: uint32(i), Serial: serial[i], Bytes: 100})
				}
			}
		}
	}
	// The end of the run.
	slices.SortStableFunc(s.events, func(a, b trace.Event) int { return cmp.Compare(a.At, b.At) })
	s.at(61*time.Second, trace.Event{Kind: trace.Published, Serial: 1})
	return s.events
}

// reel is the reel of the made-up run.
func (c cluster) reel(strategy string) *stage.Reel {
	b := stage.NewBuilder(strategy)
	for _, e := range c.trace() {
		b.Add(e)
	}
	return b.Reel()
}

// crash is a stage on which a server crashes under http2 and websocket.
func crash(clients int) *stage.Stage {
	s := stage.New(fixedWidths{})
	s.Reset(0, "http2", "websocket")
	s.Load(cluster{clients: clients, servers: 3}.reel("http2"))
	s.Load(cluster{clients: clients, servers: 3, sticky: true}.reel("websocket"))
	return s
}

// encoded is the made-up run as model/trace writes it.
func (c cluster) encoded(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := trace.NewEncoder(&b)
	for _, e := range c.trace() {
		if err := enc.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRead reads what model/trace wrote.
func TestRead(t *testing.T) {
	whole := cluster{clients: 20, servers: 3, sticky: true}.encoded(t)
	r, err := stage.Read("websocket", bytes.NewReader(whole))
	if err != nil || r.Clients() != 20 || r.End != 61*time.Second {
		t.Fatalf("%v, %+v", err, r)
	}
	if _, err := stage.Read("websocket", bytes.NewReader(whole[:len(whole)/2])); err == nil {
		t.Error("half a trace was read without an error")
	}
}
