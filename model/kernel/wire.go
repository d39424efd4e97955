//go:build linux

package main

import (
	"cmp"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

var (
	clientAddr = netip.MustParsePrefix("10.77.0.1/24")
	serverAddr = netip.MustParsePrefix("10.77.0.2/24")
)

// margin is how long before a packet is due its thread wakes up, to wait for
// the rest without sleeping: more than the machine needs to wake a thread up.
// After a short sleep the processor has not gone idle deeply. To spin for
// longer would take a whole processor at 50 Mbps, where packets are 240 µs
// apart, and the kernel then stops real-time threads for up to 50 ms a second.
func margin(sleep time.Duration) time.Duration {
	if sleep > 2*time.Millisecond {
		return 250 * time.Microsecond
	}
	return 80 * time.Microsecond
}

// wire carries packets between two TUN devices as a Link says, one operating
// system thread per direction.
type wire struct {
	client, server int // the devices
	stop           int // an eventfd: readable once the wire closes
	began          time.Time
	up, down       *direction
	running        sync.WaitGroup
}

// newWire makes a new network namespace for the server, a device in it and one
// in this process's own namespace, and begins to carry packets. inServer runs
// in the server's namespace, to open listeners.
func newWire(l Link, inServer func() error) (*wire, error) {
	w := &wire{client: -1, server: -1, stop: -1}
	err := inNewNamespace(func() (err error) {
		if err = applySettings(); err != nil {
			return err
		}
		if w.server, err = openTUN("protosim1", serverAddr); err != nil {
			return err
		}
		return inServer()
	})
	if err == nil {
		w.client, err = openTUN("protosim0", clientAddr)
	}
	if err == nil {
		w.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC)
	}
	if err != nil {
		w.closeFiles()
		return nil, err
	}
	// A thread that sleeps in a system call keeps its place among GOMAXPROCS
	// until the runtime's monitor takes it away, up to 10 ms later. With places
	// to spare the goroutines of client and server never wait for one.
	runtime.GOMAXPROCS(runtime.NumCPU() + 6)
	w.began = time.Now()
	w.up = &direction{from: w.client, to: w.server, stop: w.stop, queue: l.up(), began: w.began}
	w.down = &direction{from: w.server, to: w.client, stop: w.stop, queue: l.down(), began: w.began, isDown: true}
	for _, d := range []*direction{w.up, w.down} {
		d.packets = make([]Packet, 0, 1<<15)
		w.running.Add(1)
		go func() {
			defer w.running.Done()
			d.carry()
		}()
	}
	return w, nil
}

// Close stops the wire. The trace is complete only then.
func (w *wire) Close() {
	_, _ = unix.Write(w.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	w.running.Wait()
	w.closeFiles()
}

func (w *wire) closeFiles() {
	for _, fd := range []int{w.client, w.server, w.stop} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// Trace returns all packets of both directions in the order of their entry.
func (w *wire) Trace() []Packet {
	all := append(slices.Clone(w.up.packets), w.down.packets...)
	slices.SortStableFunc(all, func(a, b Packet) int { return cmp.Compare(a.Entered, b.Entered) })
	return all
}

// direction is one way of a wire.
type direction struct {
	from, to int
	stop     int
	queue    *Queue
	isDown   bool
	began    time.Time

	flight  []flying // in order of their arrival
	packets []Packet
	free    [][]byte // buffers
	failed  int      // packets that the kernel refused
}

// flying is a packet on its way.
type flying struct {
	data  []byte
	index int // into packets
	due   time.Duration
}

// carry reads, queues and delivers packets until the wire stops.
func (d *direction) carry() {
	// Never unlocked, so that the thread ends here with its priority.
	runtime.LockOSThread()
	_ = schedule(realtime + 1)
	fds := []unix.PollFd{{Fd: int32(d.from), Events: unix.POLLIN}, {Fd: int32(d.stop), Events: unix.POLLIN}}
	for {
		now := time.Since(d.began)
		if len(d.flight) > 0 && d.flight[0].due <= now {
			d.deliver()
			// A long burst must not keep the packets behind it waiting: look
			// for new ones after each delivery.
			d.take()
			continue
		}
		if d.take() {
			continue
		}
		var timeout *unix.Timespec
		if len(d.flight) > 0 {
			wait := d.flight[0].due - now
			if wait -= margin(wait); wait <= 0 {
				continue // it is due so soon that a sleep could miss it
			}
			ts := unix.NsecToTimespec(int64(wait))
			timeout = &ts
		}
		fds[0].Revents, fds[1].Revents = 0, 0
		if n, err := unix.Ppoll(fds, timeout, nil); err == nil && n > 0 && fds[1].Revents != 0 {
			return
		}
	}
}

// take reads one packet, if there is one, and gives it to the queue.
func (d *direction) take() bool {
	buf := d.buffer()
	n, err := unix.Read(d.from, buf)
	if err != nil || n <= 0 {
		d.free = append(d.free, buf)
		return false
	}
	now := time.Since(d.began)
	segment, ok := parseSegment(buf[:n], d.isDown)
	if !ok {
		d.free = append(d.free, buf)
		return true
	}
	p := Packet{Down: d.isDown, Entered: now, Size: n, Backlog: d.queue.Backlog(now), Segment: segment}
	p.Fate, p.Due = d.queue.Offer(now, n)
	d.packets = append(d.packets, p)
	if p.Fate != Delivered {
		d.free = append(d.free, buf)
		return true
	}
	d.flight = append(d.flight, flying{data: buf[:n], index: len(d.packets) - 1, due: p.Due})
	return true
}

func (d *direction) deliver() {
	f := d.flight[0]
	if d.flight = d.flight[1:]; len(d.flight) == 0 {
		d.flight = nil
	}
	d.packets[f.index].Arrived = time.Since(d.began)
	if _, err := unix.Write(d.to, f.data); err != nil {
		d.failed++
	}
	d.free = append(d.free, f.data[:cap(f.data)])
}

func (d *direction) buffer() []byte {
	if n := len(d.free); n > 0 {
		b := d.free[n-1]
		d.free = d.free[:n-1]
		return b
	}
	return make([]byte, mtu+4)
}

// lateness is how much later than due packets arrived, which is the error of a
// measurement: the median and the largest.
func lateness(packets []Packet) (median, most time.Duration) {
	var late []time.Duration
	for _, p := range packets {
		if p.Fate == Delivered && p.Arrived > 0 {
			late = append(late, p.Arrived-p.Due)
		}
	}
	if len(late) == 0 {
		return 0, 0
	}
	slices.Sort(late)
	return late[len(late)/2], late[len(late)-1]
}

// check says whether the wire itself misbehaved.
func (w *wire) check() error {
	if n := w.up.failed + w.down.failed; n > 0 {
		return fmt.Errorf("the kernel refused %d packets", n)
	}
	return nil
}
