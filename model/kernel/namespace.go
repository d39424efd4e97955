//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// insideEnv marks the process that runs in the client's namespace.
const insideEnv = "PROTOSIM_KERNEL_INSIDE"

// realtime is the scheduling priority of all threads but the link's, which are
// one above: other work on the machine must not delay a packet.
const realtime = 10

// enter runs this program again with all of its threads in a new network
// namespace, the client's, and returns its exit code. A namespace without a
// name lives as long as a process is in it, so there is nothing to clean up.
func enter() int {
	if err := runnable(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel:", err)
		return 2
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), insideEnv+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}

	// The child inherits the scheduling of the thread that starts it, and
	// Pdeathsig is about that thread too.
	runtime.LockOSThread()
	if err := schedule(realtime); err != nil {
		fmt.Fprintln(os.Stderr, "kernel: warning: no real-time scheduling, expect figures that vary:", err)
	}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel: cannot make a network namespace:", err)
		return 2
	}
	_ = schedule(0)
	// The child ends in its own way, so that it can undo what it has set up.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for s := range signals {
			_ = cmd.Process.Signal(s)
		}
	}()
	err := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "kernel:", err)
	return 1
}

// runnable says why this machine cannot make measurements, or nil.
func runnable() error {
	if os.Geteuid() != 0 {
		return errors.New("needs root, to make network namespaces and TUN devices (try: sudo env PATH=$PATH go run ./model/kernel …)")
	}
	f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("needs the TUN driver: %w (try: modprobe tun; in a container: --device /dev/net/tun --cap-add NET_ADMIN)", err)
	}
	return f.Close()
}

// schedule gives the calling thread a real-time priority, or with 0 takes it away.
func schedule(priority uint32) error {
	attr := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: priority}
	if priority == 0 {
		attr.Policy = unix.SCHED_NORMAL
	}
	return unix.SchedSetAttr(0, attr, 0)
}

// inNewNamespace runs f on a thread in a network namespace of its own. The
// sockets and devices that f makes stay in that namespace and keep it alive.
func inNewNamespace(f func() error) error {
	done := make(chan error)
	go func() {
		// Never unlocked: the thread ends with the goroutine, so that no other
		// goroutine finds itself in the wrong namespace.
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("cannot make a network namespace: %w", err)
			return
		}
		done <- f()
	}()
	return <-done
}
