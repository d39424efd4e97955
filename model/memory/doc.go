// Package memory knows how much memory a connection takes of a server: the
// heap and the stacks of Go's own net/http, crypto/tls and coder/websocket, as
// measured, and nothing of the kernel's buffers.
//
// PerConnection looks a figure up; a simulation never measures, so that it
// comes out the same everywhere. Measure is where the figures come from: it
// holds many connections whose peers are scripts, which say what a client says
// and then stay silent, so that only the server's side is counted. To measure
// on this machine, and to write the table anew for a new Go:
//
//	go run ./sim memory
//	go run ./sim memory --out model/memory/figures.json
package memory
