package memory

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime/debug"
)

// loopbackVariable makes this test binary a server on loopback.
const loopbackVariable = "PROTOSIM_MEASURE_LOOPBACK"

// holdLoopback is a server that holds connections of one protocol, if the
// process was started as one. It says its address. Whenever it is told to, it
// waits for one connection more, or says how much memory is in use.
func holdLoopback() {
	text := os.Getenv(loopbackVariable)
	if text == "" {
		return
	}
	var o order
	check(json.Unmarshal([]byte(text), &o))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	s, err := serve(l, o.Protocol, o.TLS)
	check(err)
	fmt.Println(l.Addr())
	debug.SetGCPercent(-1) // as in measure
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		switch in.Text() {
		case "await":
			s.await(1)
			fmt.Println("ready")
		case "measure":
			fmt.Println(settled())
		}
	}
	os.Exit(0)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
