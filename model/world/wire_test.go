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
	payload, framing int64
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

// http1 counts the header blocks and bodies of HTTP/1.1 messages (RFC 9112),
// and returns what follows an Upgrade.
func http1(t *testing.T, stream []byte) (c counted, upgraded []byte) {
	t.Helper()
	for len(stream) > 0 {
		head, _, ok := bytes.Cut(stream, []byte("\r\n\r\n"))
		if !ok {
			t.Fatalf("a header block without end: %.200q", stream)
		}
		c.framing += int64(len(head)) + 4
		stream = stream[len(head)+4:]
		first, fields, _ := strings.Cut(string(head), "\r\n")
		length := 0
		for line := range strings.SplitSeq(fields, "\r\n") {
			switch name, value, _ := strings.Cut(line, ": "); http.CanonicalHeaderKey(name) {
			case "Content-Length":
				fmt.Sscan(value, &length)
			case "Transfer-Encoding":
				t.Fatalf("%s: %s", name, value)
			case "Upgrade":
				upgraded = stream
			}
		}
		if upgraded != nil {
			return c, upgraded
		}
		if length > len(stream) {
			t.Fatalf("%s: %d bytes of body, and %d follow", first, length, len(stream))
		}
		c.payload += int64(length)
		stream = stream[length:]
	}
	return c, nil
}

// http2 counts the 9 bytes before each frame, and all frames but DATA, as
// overhead (RFC 9113 section 4.1).
func http2(t *testing.T, stream []byte, client bool) (c counted) {
	t.Helper()
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
		if data, padded := stream[3] == 0, stream[4]&8 != 0; data && padded {
			t.Fatal("a padded DATA frame")
		} else if data {
			c.payload += n
		} else {
			c.framing += n
		}
		stream = stream[9+n:]
	}
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
		if !fin || opcode != 2 {
			t.Fatalf("opcode %d, FIN %v: a message of several frames, or of text", opcode, fin)
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

// TestWireBytes counts a run's bytes in the captured packets, with parsers of
// its own, and holds the metrics to them: payload, TCP and IP, retransmissions,
// TLS and framing, each to the byte.
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
					var streams, tls int64
					var sum counted
					for _, c := range w.order {
						streams += int64(len(c.up) + len(c.down))
						if secure {
							tls += w.open(t, c)
						}
						var up, down counted
						switch strategy {
						case scenarios.HTTP2:
							up, down = http2(t, c.up, true), http2(t, c.down, false)
						default:
							var moreUp, moreDown []byte
							up, moreUp = http1(t, c.up)
							down, moreDown = http1(t, c.down)
							for _, more := range []counted{frames(t, moreUp), frames(t, moreDown)} {
								sum.payload += more.payload
								sum.framing += more.framing
							}
						}
						sum.payload += up.payload + down.payload
						sum.framing += up.framing + down.framing
					}
					for name, want := range map[string]int64{
						"bytes.payload":       sum.payload,
						"bytes.framing":       sum.framing,
						"bytes.tls":           tls,
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
					if loss != "0%" && w.data == streams {
						t.Error("nothing was lost")
					}
				})
			}
		}
	}
}
