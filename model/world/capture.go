package world

import (
	"io"

	"protosim/model/client"
	"protosim/model/network"
)

// Capture is who looks at a run from outside, as with a packet capture or a
// browser's developer tools. Each field may be nil. What it sees must not
// influence the run.
type Capture struct {
	// Tap is asked about each host of the run when it is made, before the run
	// begins, and returns who sees its segments, or nil.
	Tap func(*network.Host) network.Tap
	// Keys is given the secrets of TLS connections, a line of the NSS key log
	// format at a time, before anything is sent that they protect. Several
	// goroutines may write at once.
	Keys io.Writer
	// Exchange is told of each request of a page load when it has ended, by
	// several goroutines at once.
	Exchange func(client.Exchange)
}
