// Command kernel measures what the real Linux TCP does on a link with a known
// delay, bandwidth, queue and loss: the ground truth for protosim's TCP model.
//
// It makes two network namespaces, a client's and a server's, joins them by a
// link that this process carries packet by packet between two TUN devices, and
// loads pages over it with the real net/http and coder/websocket:
//
//	client sockets ─ kernel TCP ─ TUN ─ [loss, queue, rate, delay] ─ TUN ─ kernel TCP ─ server sockets
//
// Commands:
//
//	go run ./model/kernel check    the nine figures that the model is gated on
//	go run ./model/kernel page     one page load, as often as wanted, with a packet trace if wanted
//	go run ./model/kernel grid     every row of testdata/page-times.json
//	go run ./model/kernel ping     what the link itself adds to a round trip
//
// page --flights shows round trip by round trip what was sent and whether the
// receiver's window held it back, --trace every packet, --events what the kernel
// says of its congestion window and its buffers.
//
// It needs Linux, root and /dev/net/tun, and two idle processors for figures
// worth keeping. Nothing that it makes outlives it: the namespaces have no
// names and the devices are not persistent, so both vanish with the process,
// however it ends. No packet leaves the two namespaces.
//
// The settings are those of FIGURES.md 15: CUBIC, initial window 10, MTU 1500,
// no timestamps, SACK; all else as the kernel comes. What CUBIC, HyStart and
// the buffers are set to is stored with the results.
//
// How to read testdata/page-times.json: each row holds all its parameters (see
// Row) and every run. Where windows or drops depend on how soon a program
// reads, runs fall into several groups: a model should land within min_ms and
// max_ms, and only where these are close does median_ms say more. With random
// loss, compare distributions. Programs and link take real processor time, so
// an unlimited link still spreads a burst over 5 to 10 µs a packet.
//
// The tests need no root. Those of the rig itself are asked for with
// PROTOSIM_KERNEL=1 go test ./model/kernel.
package main
