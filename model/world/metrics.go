package world

import (
	"math"

	"protosim/model/measure"
	"protosim/model/result"
)

// metrics sums up the run.
func (w *world) metrics() result.Metrics {
	r := w.recorder
	m := result.Metrics{}
	m.SetLatency("page_load_ms", &r.PageLoad, .5, .95, .99)
	m.SetLatency("request_ms", &r.Request, .5, .95, .99)
	if r.PageLoad.Count() > 0 {
		m["page_load_ms.mean"] = result.Milliseconds(r.PageLoad.Mean())
		m["page_load_ms.max"] = result.Milliseconds(r.PageLoad.Max())
	}
	if r.Request.Count() > 0 {
		m["request_ms.max"] = result.Milliseconds(r.Request.Max())
	}
	m["pages.total"] = float64(r.Pages)
	m["pages.loaded"] = float64(r.PagesLoaded)
	m["requests.total"] = float64(r.Started)
	m["requests.ok"] = float64(r.Ended[measure.OK])
	m["requests.failed"] = float64(r.Ended[measure.Failed])
	m["requests.abandoned"] = float64(r.Ended[measure.Abandoned])
	m["requests.retried"] = float64(r.Retried)
	m["connections.peak"] = float64(w.peak)
	m["clients.disturbed"] = float64(r.Disturbed())
	m["finished_ms"] = result.Milliseconds(r.Finished)
	w.careMetrics(m)
	w.trafficMetrics(m)
	w.serverMetrics(m)
	w.sessionMetrics(m)
	w.loadMetrics(m)
	w.storeMetrics(m)
	w.cacheMetrics(m)
	w.pushMetrics(m)
	w.connectMetrics(m)
	w.memoryMetrics(m)
	return m
}

// trafficMetrics counts what crossed the clients' access links, and what of it
// was overhead of which kind. Each byte falls into exactly one kind.
func (w *world) trafficMetrics(m result.Metrics) {
	var sent, received, packetHeaders, handshakes, data, stream, clear, headers, lost int64
	var packetsUp, packetsDown, again int64
	var opened int
	for _, c := range w.visitors {
		up, down, stats := c.host.Up.Stats(), c.host.Down.Stats(), c.host.Stats()
		sent += up.Bytes
		received += down.DeliveredBytes
		packetsUp += up.Packets
		packetsDown += down.Delivered
		data += up.DataBytes + down.DeliveredData
		handshakes += up.HandshakeBytes + down.DeliveredHandshake
		packetHeaders += up.Bytes - up.DataBytes + down.DeliveredBytes - down.DeliveredData
		stream += stats.Sent + stats.Received
		lost += up.Lost + up.Dropped + down.Lost + down.Dropped
		again += up.Retransmits
		opened += stats.Opened
		headers += c.headers.Load() + c.asked.Headers.Load()
		if w.authority != nil {
			clear += c.tally.Sent.Load() + c.tally.Received.Load() + c.asked.Headers.Load() + c.asked.Bodies.Load()
			m["tls.handshakes.full"] += float64(c.tally.Full.Load())
			m["tls.handshakes.resumed"] += float64(c.tally.Resumed.Load())
			m["bytes.tls_handshakes"] += float64(c.tally.Handshakes.Load())
		}
	}
	for _, f := range w.fleets {
		for _, m := range f.machines {
			again += m.host.Up.Stats().Retransmits
		}
		if f.host != nil {
			again += f.host.Up.Stats().Retransmits
		}
		for _, e := range f.edges {
			again += e.host.Up.Stats().Retransmits
		}
		if f.shield != nil {
			again += f.shield.host.Up.Stats().Retransmits
		}
	}
	for _, v := range w.walls {
		again += v.host.Up.Stats().Retransmits
	}
	if w.authority == nil {
		clear = stream
	}
	payload := w.recorder.Payload
	overhead := sent + received - payload
	m["bytes.sent"] = float64(sent)
	m["bytes.received"] = float64(received)
	m["bytes.payload"] = float64(payload)
	m["bytes.overhead"] = float64(overhead)
	m["bytes.tcp_ip"] = float64(packetHeaders)
	m["bytes.tcp_handshakes"] = float64(handshakes)
	m["bytes.retransmitted"] = float64(data - stream)
	m["bytes.tls"] = float64(stream - clear)
	m["bytes.headers"] = float64(headers)
	m["bytes.framing"] = float64(clear - headers - payload)
	m["packets.sent"] = float64(packetsUp)
	m["packets.received"] = float64(packetsDown)
	m["packets.lost"] = float64(lost)
	m["packets.retransmitted"] = float64(again)
	m["connections.opened"] = float64(opened)
	if opened > 0 {
		m["connections.lifetime_ms.mean"] = result.Milliseconds(w.opened.total) / float64(opened)
	}
	if w.recorder.Started > 0 {
		m["bytes.overhead_per_request"] = float64(overhead) / float64(w.recorder.Started)
	}
}

func (w *world) serverMetrics(m result.Metrics) {
	var wait result.Latency
	busy := 0
	for _, f := range w.fleets {
		for _, machine := range f.machines {
			wait.Merge(&machine.wait)
			busy = max(busy, machine.busy)
		}
	}
	for _, f := range w.fleets {
		if f.host != nil {
			m["balancer.errors"] += float64(f.failed)
			m["balancer.retries"] += float64(f.retries)
		}
	}
	if wait.Count() > 0 {
		m["server.queue_ms.p99"] = math.Max(result.Milliseconds(wait.Quantile(.99)), 0)
	}
	m["server.busy_peak"] = float64(busy)
}

// sessionMetrics tells what became of sessions.
func (w *world) sessionMetrics(m result.Metrics) {
	if w.scenario.Workload != "session" {
		return
	}
	r := w.recorder
	created, lost := w.book.Totals()
	m["sessions.total"] = float64(created)
	m["sessions.lost"] = float64(lost)
	m["disconnects.total"] = float64(r.Disconnects)
	m["reconnects.total"] = float64(r.Reconnects)
	m["reconnects.peak_per_second"] = float64(r.ReconnectPeak)
	m["unserved.peak"] = float64(r.UnservedPeak())
	if first, ok := w.firstFault(); ok {
		m["recovery_ms"] = result.Milliseconds(r.Recovery(first, r.Finished))
	}
}

// lost tells why sessions were lost.
func (w *world) lost() map[string]float64 {
	lost := map[string]float64{}
	for reason, n := range w.book.Reasons() {
		lost[reason] = float64(n)
	}
	return lost
}

// pushMetrics tells what became of events.
func (w *world) pushMetrics(m result.Metrics) {
	if !w.pushes() {
		return
	}
	e := &w.recorder.Events
	m["push.sent"] = float64(w.feed.Sent())
	m["push.delivered"] = float64(e.Delivered)
	m["push.missed"] = float64(e.Missed)
	m["push.undelivered"] = float64(e.Undelivered)
	m["push.duplicates"] = float64(e.Duplicates)
	m["push.replayed"] = float64(e.Replayed)
	m.SetLatency("push.latency_ms", &e.Latency, .5, .95, .99)
	if e.Delivered > 0 {
		m["push.latency_ms.mean"] = result.Milliseconds(e.Latency.Mean())
		m["push.latency_ms.max"] = result.Milliseconds(e.Latency.Max())
	}
	if e.Delivered > 0 && w.scenario.Workload == "push" { // or they are of much else
		m["push.bytes_per_event"] = (m["bytes.sent"] + m["bytes.received"]) / float64(e.Delivered)
	}
	m["disconnects.total"] = float64(w.recorder.Disconnects)
	m["reconnects.total"] = float64(w.recorder.Reconnects)
}
