//go:build linux

package main

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// openTUN makes a TUN device in the calling thread's network namespace, gives
// it an address and returns its file, non-blocking. Each read is one IP packet.
//
// No offload is asked for, so the kernel cuts segments to the MTU and fills in
// checksums before a packet gets here. The device vanishes with its file.
func openTUN(name string, addr netip.Prefix) (fd int, err error) {
	fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("/dev/net/tun: %w", err)
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
			err = fmt.Errorf("making the device %s: %w", name, err)
		}
	}()
	ifr, err := unix.NewIfreq(name)
	if err != nil {
		return -1, err
	}
	ifr.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr); err != nil {
		return -1, err
	}

	// The device's settings go through any socket of this namespace.
	sock, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(sock)
	set := func(request uint, fill func(*unix.Ifreq)) {
		if err != nil {
			return
		}
		var r *unix.Ifreq
		if r, err = unix.NewIfreq(name); err == nil {
			fill(r)
			err = unix.IoctlIfreq(sock, request, r)
		}
	}
	ip := addr.Addr().As4()
	var mask [4]byte
	for i := range addr.Bits() {
		mask[i/8] |= 128 >> (i % 8)
	}
	set(unix.SIOCSIFMTU, func(r *unix.Ifreq) { r.SetUint32(mtu) })
	// The device's own queue must never be the one that drops.
	set(unix.SIOCSIFTXQLEN, func(r *unix.Ifreq) { r.SetUint32(10_000) })
	set(unix.SIOCSIFADDR, func(r *unix.Ifreq) { err = r.SetInet4Addr(ip[:]) })
	set(unix.SIOCSIFNETMASK, func(r *unix.Ifreq) { err = r.SetInet4Addr(mask[:]) })
	set(unix.SIOCSIFFLAGS, func(r *unix.Ifreq) { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING | unix.IFF_NOARP) })
	return fd, err
}
