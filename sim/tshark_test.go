package main

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// dissected is a packet as tshark sees it: the values of each field that it has.
type dissected map[string][]string

// tsharkFields are the fields that the tests look at.
var tsharkFields = []string{
	"ip.src_host", "tcp.analysis.flags", "tcp.checksum.status", "ip.checksum.status", "_ws.malformed", "_ws.expert.severity",
	"http.request.method", "http.response.code", "http2.type", "http2.headers.method", "http2.headers.status",
	"websocket.opcode", "tls.handshake.type", "tls.record.opaque_type", "tls.record.content_type",
	"resp.array.length", "resp.reassembled_in_next_frame", "resp.bulk_string.value",
}

// Expert severities of Wireshark's.
const severityError = "8388608"

// tshark dissects a capture as Wireshark does, checksums included.
func tshark(t *testing.T, file string) []dissected {
	t.Helper()
	args := []string{"-r", file, "-o", "tcp.reassemble_out_of_order:TRUE", "-n", "-N", "n", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
		"-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=|"}
	for _, f := range tsharkFields {
		args = append(args, "-e", f)
	}
	var stdout, stderr bytes.Buffer
	command := exec.Command("tshark", args...)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("tshark (Debian's package tshark; apt-get install tshark): %v\n%s", err, stderr.String())
	}
	var packets []dissected
	for text := range strings.Lines(stdout.String()) {
		p := dissected{}
		for i, values := range strings.Split(strings.TrimSuffix(text, "\n"), "\t") {
			if values != "" {
				p[tsharkFields[i]] = strings.Split(values, "|")
			}
		}
		packets = append(packets, p)
	}
	return packets
}

// count counts the values of a field in what one host sent, or everybody but
// that host if its name begins with "!".
func count(packets []dissected, from, field string, values ...string) int {
	n := 0
	name, not := strings.CutPrefix(from, "!")
	for _, p := range packets {
		if (p.from() == name) == not {
			continue
		}
		for _, v := range p[field] {
			if len(values) == 0 || strings.Contains(" "+strings.Join(values, " ")+" ", " "+v+" ") {
				n++
			}
		}
	}
	return n
}

func (p dissected) from() string {
	if len(p["ip.src_host"]) == 0 {
		return ""
	}
	return p["ip.src_host"][0]
}

// captured exports captures of a scenario under all of its strategies and
// returns the result of the same runs.
func captured(t *testing.T, host string, args ...string) (*result.Result, func(scenarios.Strategy) []dissected) {
	t.Helper()
	if testing.Short() {
		t.Skip("the race detector finds nothing in tshark; TestExport captures too")
	}
	var r *result.Result
	observed := func(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
		var err error
		r, err = world.Simulate(ctx, s, opt)
		return r, err
	}
	dir := t.TempDir()
	o := protosimWith(t, observed, "", append([]string{"export", "--as", "pcapng", "--host", host, "--out", dir}, args...)...)
	if o.code != exitOK {
		t.Fatalf("code %d: %s", o.code, o.stderr)
	}
	return r, func(s scenarios.Strategy) []dissected {
		return tshark(t, filepath.Join(dir, r.Scenario.Name+"."+string(s)+"."+host+".pcapng"))
	}
}

// flawless fails the test for every packet that Wireshark would colour.
func flawless(t *testing.T, packets []dissected) {
	t.Helper()
	if len(packets) < 10 {
		t.Errorf("there are %d packets", len(packets))
	}
	for i, p := range packets {
		const good = "1"
		if len(p["tcp.checksum.status"]) != 1 || p["tcp.checksum.status"][0] != good || p["ip.checksum.status"][0] != good {
			t.Errorf("packet %d has a bad checksum: %v", i+1, p)
		}
		if len(p["_ws.malformed"]) > 0 || strings.Contains(strings.Join(p["_ws.expert.severity"], " "), severityError) {
			t.Errorf("packet %d is malformed: %v", i+1, p)
		}
		// Lost, repeated, out of place, acknowledged before it was sent: all flags.
		if len(p["tcp.analysis.flags"]) > 0 {
			t.Errorf("packet %d is out of place: %v", i+1, p)
		}
		if t.Failed() {
			return
		}
	}
}

// lossless are changes of a scenario by which no packet is lost, and which
// make it small.
var lossless = []string{
	"--set", "clients.count=2", "--set", "network.down.queue=1GB", "--set", "network.up.queue=1GB", "--set", "expect=[]",
}

// TestCapturesOfPages counts in the captures of each strategy, with TLS and
// without, what the result counts.
func TestCapturesOfPages(t *testing.T) {
	images := map[string]string{"page-load": "4", "page-load-tls": "3"}
	for _, scenario := range []string{"page-load", "page-load-tls"} {
		t.Run(scenario, func(t *testing.T) {
			args := append([]string{scenario, "--set", "page.resources[" + images[scenario] + "].count=10"}, lossless...)
			r, capture := captured(t, "www", args...)
			for _, run := range r.Runs {
				t.Run(string(run.Strategy), func(t *testing.T) {
					packets := capture(run.Strategy)
					flawless(t, packets)
					requests, ok := int(run.Metrics["requests.total"]), int(run.Metrics["requests.ok"])
					expect := func(what string, got, want int) {
						if got != want {
							t.Errorf("%d %s, want %d", got, what, want)
						}
					}
					switch run.Strategy {
					case scenarios.HTTP2:
						expect("requests", count(packets, "!www", "http2.headers.method"), requests)
						expect("responses", count(packets, "www", "http2.headers.status", "200"), ok)
						if n := count(packets, "www", "http2.type", "0"); n < ok {
							t.Errorf("%d DATA frames for %d responses", n, ok)
						}
					case scenarios.WebSocket:
						const binary = "2"
						expect("messages to the server", count(packets, "!www", "websocket.opcode", binary), requests)
						expect("messages to clients", count(packets, "www", "websocket.opcode", binary), ok)
						expect("opening handshakes", count(packets, "www", "http.response.code", "101"), count(packets, "!www", "http.request.method"))
					default:
						expect("requests", count(packets, "!www", "http.request.method", "GET", "POST"), requests)
						expect("responses", count(packets, "www", "http.response.code", "200"), ok)
					}
					const clientHello = "1"
					hellos := int(run.Metrics["tls.handshakes.full"] + run.Metrics["tls.handshakes.resumed"])
					expect("client hellos", count(packets, "!www", "tls.handshake.type", clientHello), hellos)
					decrypted(t, packets)
				})
			}
		})
	}
}

// decrypted makes sure that every encrypted record was decrypted: tshark then
// shows what type of record is inside.
func decrypted(t *testing.T, packets []dissected) {
	t.Helper()
	const (
		applicationData = "23"
		inClear         = "22" // hello messages, with change cipher spec beside them
	)
	encrypted := count(packets, "!", "tls.record.opaque_type", applicationData)
	inside := 0
	for _, p := range packets {
		inside += len(p["tls.record.content_type"])
	}
	if encrypted > 0 && inside < encrypted {
		t.Errorf("of %d encrypted records, %d were decrypted", encrypted, inside)
	}
}

// TestCapturesWithLosses: what is sent again has the same bytes in the same
// place, or the messages around it could not be read.
func TestCapturesWithLosses(t *testing.T) {
	const host = "client-1"
	r, capture := captured(t, host, "page-load-lossy", "--strategy", "http1,http2", "--set", "clients.count=1", "--set", "expect=[]")
	for _, run := range r.Runs {
		packets := capture(run.Strategy)
		again, malformed := 0, 0
		for _, p := range packets {
			again += len(p["tcp.analysis.flags"])
			malformed += len(p["_ws.malformed"])
		}
		requests := count(packets, host, "http.request.method") + count(packets, host, "http2.headers.method")
		responses := count(packets, "!"+host, "http.response.code", "200") + count(packets, "!"+host, "http2.headers.status", "200")
		if want := int(run.Metrics["requests.ok"]); again == 0 || malformed > 0 || requests != want || responses != want {
			t.Errorf("%s: %d requests and %d responses, want %d; %d packets out of place, %d malformed", run.Strategy, requests, responses, want, again, malformed)
		}
	}
}

// TestCapturesOfPushes does the same for the ways to push, over both versions of
// HTTP, with TLS and without.
func TestCapturesOfPushes(t *testing.T) {
	for _, c := range []struct{ name, strategies, http, tls string }{
		{"HTTP/1", "poll,sse,fallback", "1", "false"},
		{"HTTP/2", "poll,longpoll,sse,websocket,fallback", "2", "false"},
		{"HTTP/2 and TLS", "poll,longpoll,sse,websocket,fallback", "2", "true"},
	} {
		r, capture := captured(t, "www", "push-frequency", "--strategy", c.strategies, "--set", "clients.count=3", "--set", "duration=10s", "--set", "push.http="+c.http, "--set", "tls.enabled="+c.tls, "--set", "expect=[]")
		for _, run := range r.Runs {
			t.Run(string(run.Strategy)+" over "+c.name, func(t *testing.T) {
				packets := capture(run.Strategy)
				flawless(t, packets)
				decrypted(t, packets)
				exchanges(t, packets, run)
				if run.Strategy != scenarios.WebSocket {
					return
				}
				const text, binary = "1", "2"
				events := count(packets, "www", "websocket.opcode", text, binary)
				if want := int(run.Metrics["push.delivered"]); events != want {
					t.Errorf("%d events, want %d", events, want)
				}
			})
		}
	}
}

// exchanges counts the requests that a server got and the responses that it gave.
// A request that is held when the run ends has none yet.
func exchanges(t *testing.T, packets []dissected, run result.Run) {
	t.Helper()
	requests := count(packets, "!www", "http.request.method") + count(packets, "!www", "http2.headers.method")
	if want := int(run.Metrics["requests.total"]); requests != want {
		t.Errorf("%d requests, want %d", requests, want)
	}
	responses := count(packets, "www", "http.response.code", "200", "204", "101") + count(packets, "www", "http2.headers.status", "200", "204")
	if want := int(run.Metrics["requests.ok"]); responses != want {
		t.Errorf("%d responses, want %d", responses, want)
	}
}

// TestCapturesOfHybrid: events come on the socket, all else is asked by HTTP/2,
// each on a connection of its own.
func TestCapturesOfHybrid(t *testing.T) {
	for _, tls := range []string{"false", "true"} {
		t.Run("TLS "+tls, func(t *testing.T) {
			r, capture := captured(t, "client-1", "chat-hybrid", "--strategy", "hybrid", "--set", "clients.count=2", "--set", "duration=20s", "--set", "tls.enabled="+tls, "--set", "expect=[]")
			run := r.Runs[0]
			packets := capture(run.Strategy)
			flawless(t, packets)
			decrypted(t, packets)
			const text, binary = "1", "2"
			if n := count(packets, "!client-1", "websocket.opcode", text, binary); n == 0 || n > int(run.Metrics["push.delivered"]) {
				t.Errorf("%d events on the socket of one of two clients, %v in all", n, run.Metrics["push.delivered"])
			}
			if n := count(packets, "!client-1", "http.response.code", "101"); n != 1 {
				t.Errorf("%d sockets opened", n)
			}
			requests, responses := count(packets, "client-1", "http2.headers.method"), count(packets, "!client-1", "http2.headers.status", "200", "201", "204")
			if requests == 0 || requests != responses || requests >= int(run.Metrics["requests.total"]) {
				t.Errorf("%d requests and %d responses of one of two clients, %v in all", requests, responses, run.Metrics["requests.total"])
			}
		})
	}
}

// TestCapturesOfStore counts the commands to the session store.
func TestCapturesOfStore(t *testing.T) {
	r, capture := captured(t, "store", "shared-sessions", "--set", "clients.count=4", "--set", "duration=10s", "--set", "faults=[]", "--set", "expect=[]")
	for _, run := range r.Runs {
		t.Run(string(run.Strategy), func(t *testing.T) {
			packets := capture(run.Strategy)
			flawless(t, packets)
			commands := 0
			for _, p := range packets {
				const hello = "68656c6c6f" // once on each connection
				if p.from() == "store" || len(p["resp.array.length"]) == 0 || len(p["resp.reassembled_in_next_frame"]) > 0 {
					continue // a reply, no data, or the first part of a command
				}
				if p["resp.bulk_string.value"][0] != hello {
					commands++
				}
			}
			if want := int(run.Metrics["store.operations"]); commands != want {
				t.Errorf("%d commands, want %d", commands, want)
			}
		})
	}
}
