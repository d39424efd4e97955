package export

import (
	"bufio"
	"encoding/json"
	"io"
	"time"

	"protosim/model/trace"
)

// Events writes the events of a trace as lines of JSON, with hosts by their
// names and numbers in words.
type Events struct {
	w     *bufio.Writer
	json  *json.Encoder
	hosts []string
	err   error
}

// NewEvents returns a writer of events to w.
func NewEvents(w io.Writer) *Events {
	b := bufio.NewWriterSize(w, 64<<10)
	e := &Events{w: b, json: json.NewEncoder(b), hosts: []string{""}}
	e.json.SetEscapeHTML(false)
	return e
}

// line is one event. What means nothing for its kind is left out.
type line struct {
	At        float64    `json:"at_ms"`
	Kind      trace.Kind `json:"kind"`
	Host      string     `json:"host,omitempty"`
	Peer      string     `json:"peer,omitempty"`
	Conn      uint64     `json:"conn,omitempty"`
	Client    *uint32    `json:"client,omitempty"` // from 1, as in the names of hosts
	Serial    *uint32    `json:"serial,omitempty"`
	Bytes     *int       `json:"bytes,omitempty"`
	Status    *int       `json:"status,omitempty"`
	Until     *float64   `json:"until_ms,omitempty"`
	Role      string     `json:"role,omitempty"`
	Condition string     `json:"condition,omitempty"`
	Leg       string     `json:"leg,omitempty"`
	Phase     string     `json:"phase,omitempty"` // of a fault
	Text      string     `json:"text,omitempty"`
}

// Event writes an event; it is a trace.Sink.
func (w *Events) Event(e trace.Event) {
	if w.err != nil {
		return
	}
	if e.Kind == trace.Host {
		w.hosts = append(w.hosts, e.Text)
	}
	l := line{
		At: millis(e.At), Kind: e.Kind, Conn: e.Conn, Text: e.Text,
		Host: hostName(w.hosts, e.Host), Peer: hostName(w.hosts, e.Peer),
	}
	switch e.Kind {
	case trace.Host:
		l.Role, l.Text = trace.Role(e.Code).String(), ""
	case trace.State:
		l.Condition = trace.Condition(e.Code).String()
	case trace.Flight:
		until := millis(e.Until)
		l.Bytes, l.Until = &e.Bytes, &until
		l.Leg = trace.Leg(e.Code).String()
	case trace.Dropped, trace.Published:
		l.Bytes = &e.Bytes
	case trace.Request:
		l.Bytes = &e.Bytes
	case trace.Response, trace.Served:
		l.Status = &e.Code
		if e.Kind == trace.Response {
			l.Bytes = &e.Bytes
		}
	case trace.Delivered:
		l.Bytes = &e.Bytes
	case trace.Fault:
		l.Phase = "end"
		if e.Code != 0 {
			l.Phase = "begin"
		}
	}
	switch e.Kind { // whose client and serial mean something
	case trace.Request, trace.Response, trace.Serving, trace.Served, trace.Delivered, trace.CacheResult:
		l.Serial = &e.Serial
		fallthrough
	case trace.SessionBegan, trace.SessionEnded, trace.SessionLost, trace.Disconnected, trace.Reconnecting,
		trace.FirewallVerdict, trace.Fallback:
		number := e.Client + 1
		l.Client = &number
	case trace.Published:
		l.Serial = &e.Serial
	}
	w.err = w.json.Encode(l)
}

// Close writes what is left and returns the first error there was. It does not
// close the writer.
func (w *Events) Close() error {
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// hostName finds a host's name by its identity.
func hostName(hosts []string, id uint32) string {
	if int(id) < len(hosts) {
		return hosts[id]
	}
	return ""
}
