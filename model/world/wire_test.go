package world_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"protosim/model/network"
	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// wire is what the clients' packet captures hold.
type wire struct {
	mu      sync.Mutex
	packets int
	headers int64 // bytes of IP and TCP headers
	data    int64 // bytes of payload, repeated ones too
	conns   map[string]*conversation
	order   []*conversation
	secrets bytes.Buffer // NSS key log
}

// conversation is one connection, both ways.
type conversation struct {
	up, down []byte
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.secrets.Write(p)
}

// see takes one packet, as RFC 9293 and RFC 2018 lay it out.
func (w *wire) see(s *network.Sighting) {
	w.packets++
	w.headers += 20 + 20
	if s.SYN {
		w.headers += 4 + 2 + 3 + 3 // MSS, SACK permitted, window scale, padding
	}
	if n := len(s.SACK); n > 0 {
		w.headers += 2 + 2 + 8*int64(n)
	}
	w.data += int64(s.Length)
	if s.Length == 0 {
		return
	}
	name := fmt.Sprintf("%s:%d %s:%d", s.From.Name, s.FromPort, s.To.Name, s.ToPort)
	if !s.Leaving {
		name = fmt.Sprintf("%s:%d %s:%d", s.To.Name, s.ToPort, s.From.Name, s.FromPort)
	}
	c := w.conns[name]
	if c == nil {
		c = &conversation{}
		w.conns[name] = c
		w.order = append(w.order, c)
	}
	stream := &c.down
	if s.Leaving {
		stream = &c.up
	}
	end := int(s.Seq) - 1 + s.Length
	if end > len(*stream) {
		*stream = append(*stream, make([]byte, end-len(*stream))...)
	}
	copy((*stream)[s.Seq-1:], bytes.Join(s.Payload, nil))
}

// captured simulates one strategy with every client's packets captured.
func captured(t *testing.T, s *scenarios.Scenario, strategy scenarios.Strategy) (*wire, result.Metrics) {
	t.Helper()
	w := &wire{conns: map[string]*conversation{}}
	r, err := world.Simulate(context.Background(), s, world.Options{
		Strategies: []scenarios.Strategy{strategy},
		Capture: func(scenarios.Strategy, uint64) world.Capture {
			return world.Capture{Keys: w, Tap: func(h *network.Host) network.Tap {
				if strings.HasPrefix(h.Name, "client-") {
					return w.see
				}
				return nil
			}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, r.Runs[0].Metrics
}

// counted is what a stream turned out to hold.
type counted struct {
	payload, headers, framing int64
}

func (c *counted) add(more counted) {
	c.payload += more.payload
	c.headers += more.headers
	c.framing += more.framing
}

// records opens the TLS 1.3 records of a stream (RFC 8446 section 5) with the
// secret of its application data, and returns the data and the number of all
// other bytes. What the secret does not open belongs to the handshake.
func records(t *testing.T, stream, secret []byte) (data []byte, other int64) {
	t.Helper()
	expand := func(label string, n int) []byte {
		info := binary.BigEndian.AppendUint16(nil, uint16(n))
		info = append(info, byte(len("tls13 ")+len(label)))
		info = append(append(append(info, "tls13 "...), label...), 0)
		key, err := hkdf.Expand(sha256.New, secret, string(info), n)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	block, err := aes.NewCipher(expand("key", 16))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	iv := expand("iv", 12)
	for serial := uint64(0); len(stream) > 0; {
		const header = 5
		n := header + int(binary.BigEndian.Uint16(stream[3:header]))
		record := stream[:n]
		stream = stream[n:]
		other += int64(n)
		nonce := bytes.Clone(iv)
		for i, b := range binary.BigEndian.AppendUint64(nil, serial) {
			nonce[4+i] ^= b
		}
		clear, err := aead.Open(nil, nonce, record[header:], record[:header])
		if record[0] != 23 || err != nil {
			continue
		}
		serial++
		if content := len(clear) - 1; clear[content] == 23 {
			data = append(data, clear[:content]...)
			other -= int64(content)
		}
	}
	return data, other
}

// open removes TLS from a conversation, and returns the number of its bytes.
func (w *wire) open(t *testing.T, c *conversation) (overhead int64) {
	t.Helper()
	// The ClientHello's random is behind the headers of the record (5) and of
	// the message (4) and the version (2), the ServerHello's cipher suite
	// behind the session ID that follows its random.
	random := hex.EncodeToString(c.up[11:43])
	if suite := binary.BigEndian.Uint16(c.down[44+int(c.down[43]):]); suite != 0x1301 {
		t.Skipf("cipher suite %#x: this machine has no AES", suite)
	}
	secret := func(label string) []byte {
		for line := range strings.Lines(w.secrets.String()) {
			if f := strings.Fields(line); f[0] == label && f[1] == random {
				key, err := hex.DecodeString(f[2])
				if err != nil {
					t.Fatal(err)
				}
				return key
			}
		}
		t.Fatalf("no %s of %s", label, random)
		return nil
	}
	var up, down int64
	c.up, up = records(t, c.up, secret("CLIENT_TRAFFIC_SECRET_0"))
	c.down, down = records(t, c.down, secret("SERVER_TRAFFIC_SECRET_0"))
	return up + down
}

// http1 counts the header blocks, chunks and bodies of HTTP/1.1 messages (RFC
// 9112), and returns what follows an Upgrade or a tunnel.
func http1(t *testing.T, stream []byte) (c counted, beyond []byte) {
	t.Helper()
	for len(stream) > 0 {
		head, _, ok := bytes.Cut(stream, []byte("\r\n\r\n"))
		if !ok {
			t.Fatalf("a header block without end: %.200q", stream)
		}
		c.headers += int64(len(head)) + 4
		stream = stream[len(head)+4:]
		first, fields, _ := strings.Cut(string(head), "\r\n")
		if strings.HasPrefix(first, "CONNECT ") || strings.HasSuffix(first, " 200 Connection established") {
			return c, stream
		}
		length, chunked, events := 0, false, false
		var upgraded []byte
		for line := range strings.SplitSeq(fields, "\r\n") {
			switch name, value, _ := strings.Cut(line, ": "); http.CanonicalHeaderKey(name) {
			case "Content-Length":
				fmt.Sscan(value, &length)
			case "Content-Type":
				events = value == "text/event-stream"
			case "Transfer-Encoding":
				chunked = value == "chunked"
			case "Upgrade":
				upgraded = stream
			}
		}
		if upgraded != nil {
			return c, upgraded
		}
		if chunked != events {
			t.Fatalf("%s: chunked %v, events %v", first, chunked, events)
		}
		if chunked {
			var text []byte
			var framing int64
			text, stream, framing = chunks(t, stream)
			c.framing += framing
			c.add(eventText(text))
		}
		if length > len(stream) {
			t.Fatalf("%s: %d bytes of body, and %d follow", first, length, len(stream))
		}
		c.payload += int64(length)
		stream = stream[length:]
	}
	return c, nil
}

// chunks returns what the chunks of a body hold (RFC 9112 section 7.1), what
// follows it, and the number of all other bytes.
func chunks(t *testing.T, stream []byte) (text, rest []byte, framing int64) {
	t.Helper()
	for len(stream) > 0 {
		line, after, ok := bytes.Cut(stream, []byte("\r\n"))
		n := 0
		if _, err := fmt.Sscanf(string(line), "%x", &n); err != nil || !ok || len(after) < n+2 {
			t.Fatalf("chunk size %q, and %d bytes follow", line, len(after))
		}
		framing += int64(len(line)) + 4
		text = append(text, after[:n]...)
		stream = after[n+2:]
		if n == 0 {
			break
		}
	}
	return text, stream, framing
}

// eventText counts server-sent events: the data is payload, and the fields'
// names and lines are not.
func eventText(text []byte) (c counted) {
	for line := range bytes.Lines(text) {
		data, ok := bytes.CutPrefix(line, []byte("data: "))
		if ok {
			c.payload += int64(len(data)) - 1
		}
	}
	c.framing = int64(len(text)) - c.payload
	return c
}

// http2 counts HEADERS without priority and padding as header blocks, and the 9
// bytes before each frame, and all frames but DATA, as framing (RFC 9113 sections
// 4.1 and 6). DATA may be server-sent events.
func http2(t *testing.T, stream []byte, client, events bool) (c counted) {
	t.Helper()
	var text []byte
	if client {
		const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
		if !bytes.HasPrefix(stream, []byte(preface)) {
			t.Fatalf("%.24q is no preface", stream)
		}
		c.framing += int64(len(preface))
		stream = stream[len(preface):]
	}
	for len(stream) > 0 {
		n := int64(stream[0])<<16 | int64(stream[1])<<8 | int64(stream[2])
		c.framing += 9
		const data, headers, promise, padded, priority = 0, 1, 5, 0x8, 0x20
		switch kind, flags := stream[3], stream[4]; {
		case kind == promise || (kind == data || kind == headers) && flags&padded != 0:
			t.Fatalf("a frame of type %d with flags %#x", kind, flags)
		case kind == data && events:
			text = append(text, stream[9:9+n]...)
		case kind == data:
			c.payload += n
		case kind == headers && flags&priority != 0:
			c.headers += n - 5
			c.framing += 5
		case kind == headers || kind == 9: // CONTINUATION
			c.headers += n
		default:
			c.framing += n
		}
		stream = stream[9+n:]
	}
	c.add(eventText(text))
	return c
}

// frames counts the headers of WebSocket's frames, masks, control frames and
// the envelopes of messages (RFC 6455 section 5.2).
func frames(t *testing.T, stream []byte) (c counted) {
	t.Helper()
	for len(stream) > 0 {
		fin, opcode, masked := stream[0]&0x80 != 0, stream[0]&0xf, stream[1]&0x80 != 0
		n, header := int64(stream[1]&0x7f), int64(2)
		switch n {
		case 126:
			n, header = int64(binary.BigEndian.Uint16(stream[2:])), 4
		case 127:
			n, header = int64(binary.BigEndian.Uint64(stream[2:])), 10
		}
		var mask [4]byte
		if masked {
			copy(mask[:], stream[header:])
			header += 4
		}
		message := bytes.Clone(stream[header : header+n])
		for i := range message {
			message[i] ^= mask[i%4]
		}
		stream = stream[header+n:]
		c.framing += header
		if opcode >= 8 {
			c.framing += n
			continue
		}
		if !fin || opcode != 1 && opcode != 2 {
			t.Fatalf("opcode %d, FIN %v: a message of several frames", opcode, fin)
		}
		envelope, err := bufio.NewReader(bytes.NewReader(message)).ReadBytes('\n')
		if err != nil {
			t.Fatalf("no envelope: %v", err)
		}
		c.framing += int64(len(envelope))
		c.payload += n - int64(len(envelope))
	}
	return c
}

// hold counts a run's bytes in the captured packets, with parsers of its own, and
// holds the metrics to them: payload, TCP and IP, retransmissions, TLS, headers
// and framing, each to the byte. Framing that comes when a client has closed its
// end is not decrypted any more, and a part of what is TLS's: unopened bytes.
func (w *wire) hold(t *testing.T, m result.Metrics, multiplexed, secure, events bool, unopened int64) {
	t.Helper()
	var streams, tls int64
	var sum counted
	for _, c := range w.order {
		streams += int64(len(c.up) + len(c.down))
		if bytes.HasPrefix(c.up, []byte("CONNECT ")) {
			var up, down counted
			up, c.up = http1(t, c.up)
			down, c.down = http1(t, c.down)
			sum.add(up)
			sum.add(down)
		}
		if secure {
			tls += w.open(t, c)
		}
		if multiplexed {
			sum.add(http2(t, c.up, true, false))
			sum.add(http2(t, c.down, false, events))
			continue
		}
		for _, stream := range [][]byte{c.up, c.down} {
			messages, socket := http1(t, stream)
			sum.add(messages)
			sum.add(frames(t, socket))
		}
	}
	for name, want := range map[string]int64{
		"bytes.payload":       sum.payload,
		"bytes.headers":       sum.headers,
		"bytes.framing":       sum.framing - unopened,
		"bytes.tls":           tls + unopened,
		"bytes.tcp_ip":        w.headers,
		"bytes.retransmitted": w.data - streams,
		"bytes.overhead":      w.headers + w.data - sum.payload,
		"connections.opened":  int64(len(w.order)),
	} {
		if m[name] != float64(want) {
			t.Errorf("%s is %v, and the packets hold %d", name, m[name], want)
		}
	}
	if got := m["bytes.sent"] + m["bytes.received"]; got != float64(w.headers+w.data) {
		t.Errorf("%v bytes sent and received, and the packets hold %d", got, w.headers+w.data)
	}
	if got := m["packets.sent"] + m["packets.received"]; got != float64(w.packets) {
		t.Errorf("%v packets, and %d were captured", got, w.packets)
	}
	if lost := w.data > streams; lost != (m["packets.retransmitted"] > 0) {
		t.Errorf("%v packets retransmitted, and the packets hold %d bytes twice", m["packets.retransmitted"], w.data-streams)
	}
}

// TestWireBytes loads a page under each strategy.
func TestWireBytes(t *testing.T) {
	const page = `
clients: {count: 2, visits: 2, think: 1s}
network: {rtt: 40ms, down: {loss: %s}, up: {loss: %s}}
tls: {enabled: %v}
page:
  resources:
    - {name: document, path: /, size: 30kB}
    - {name: large, size: 70kB, after: [document]}
    - {name: images, count: 10, size: {list: [100B, 300B, 20kB]}, after: [document]}
    - {name: empty, size: 0B, after: [document]}
    - {name: upload, method: POST, body: 70kB, size: 10B, after: [document]}
servers: {service_time: 1ms}`
	for _, strategy := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP1Close, scenarios.HTTP2, scenarios.WebSocket} {
		for _, secure := range []bool{false, true} {
			for _, loss := range []string{"0%", "2%"} {
				t.Run(fmt.Sprintf("%s tls %v loss %s", strategy, secure, loss), func(t *testing.T) {
					w, m := captured(t, parse(t, fmt.Sprintf(page, loss, loss, secure)), strategy)
					w.hold(t, m, strategy == scenarios.HTTP2, secure, false, 0)
					if loss != "0%" && m["bytes.retransmitted"] == 0 {
						t.Error("nothing was lost")
					}
				})
			}
		}
	}
}

// TestWireBytesOfEvents listens for events under each strategy, also through a
// proxy that has to be asked for a tunnel.
func TestWireBytesOfEvents(t *testing.T) {
	const clients = 2
	const text = `
workload: push
duration: 20s
clients: {count: %d, arrival: 1s}
network: {rtt: 40ms}
tls: {enabled: %v}
push: {interval: 700ms, size: 300B, http: %d, poll: 2s}
firewalls: [%s]`
	for _, strategy := range []scenarios.Strategy{scenarios.Poll, scenarios.SSE, scenarios.WebSocket} {
		for _, version := range []int{1, 2} {
			for _, secure := range []bool{false, true} {
				for _, proxy := range []string{"", "{kind: explicit, share: 100%, connect: [80, 443]}"} {
					if strategy == scenarios.WebSocket && version == 2 {
						continue
					}
					t.Run(fmt.Sprintf("%s HTTP/%d tls %v %s", strategy, version, secure, proxy), func(t *testing.T) {
						w, m := captured(t, parse(t, fmt.Sprintf(text, clients, secure, version, proxy)), strategy)
						if m["push.delivered"] == 0 {
							t.Fatal("no event was delivered")
						}
						events, unopened := strategy == scenarios.SSE, int64(0)
						if events && secure && version == 1 {
							unopened = clients * int64(len("0\r\n\r\n")) // the last chunk
						}
						w.hold(t, m, version == 2, secure, events, unopened)
					})
				}
			}
		}
	}
}

// Who is refused a tunnel has not begun to encrypt.
func TestRefusedTunnelsAreNotTLS(t *testing.T) {
	for strategy, m := range measureEach(t, `
workload: push
duration: 10s
strategies: [sse, websocket]
clients: {count: 2, arrival: 1s, reconnect: {attempts: 3}}
push: {http: 1}
tls: {enabled: true}
firewalls: [{kind: explicit, share: 100%, connect: [8443]}]`) {
		const refusals = 2 * 3
		expect(t, strategy, m, map[string]float64{"bytes.tls": 0, "bytes.framing": refusals * float64(len("403 Forbidden\n"))})
	}
}
