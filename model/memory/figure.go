package memory

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// Protocol is a connection in one of the states that it can be in for long.
type Protocol string

// The connections that are told apart.
const (
	HTTP1        Protocol = "http1"         // HTTP/1.1, kept alive between requests
	HTTP1Waiting Protocol = "http1-waiting" // HTTP/1.1, with a handler that has not answered: a long poll
	HTTP2        Protocol = "http2"         // HTTP/2 without an open stream
	HTTP2Stream  Protocol = "http2-stream"  // what each open stream of HTTP/2 adds, with its handler
	WebSocket    Protocol = "websocket"     // a socket whose server reads messages in a loop
)

// Protocols lists them.
func Protocols() []Protocol {
	return []Protocol{HTTP1, HTTP1Waiting, HTTP2, HTTP2Stream, WebSocket}
}

// Figure is how much one connection takes.
type Figure struct {
	Protocol  Protocol `json:"protocol"`
	TLS       bool     `json:"tls"`
	Bytes     int      `json:"bytes"`
	GoVersion string   `json:"go"`
	GOOS      string   `json:"os"`
	GOARCH    string   `json:"arch"`
	// Source says in words where the figure comes from.
	Source string `json:"source"`
}

//go:embed figures.json
var figuresFile []byte

// figures are the embedded ones; those of one Go version and machine stand
// together, the ones that the model uses first.
var figures = func() (list []Figure) {
	if err := json.Unmarshal(figuresFile, &list); err != nil {
		panic(fmt.Sprintf("memory: figures.json: %v", err))
	}
	return list
}()

// Figures returns the embedded figures, those that the model uses first.
func Figures() []Figure { return slices.Clone(figures) }

// PerConnection returns how much memory a connection takes of its server. It
// is the same figure on every machine, whatever that is.
func PerConnection(p Protocol, tls bool) Figure {
	for _, f := range figures {
		if f.Protocol == p && f.TLS == tls {
			return f
		}
	}
	panic(fmt.Sprintf("memory: no figure for %s, TLS %v", p, tls))
}
