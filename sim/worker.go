package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// A run lives on one core: its goroutines hand over to each other all the time,
// and two cores are slower at that than one. So each run is done by a worker, a
// process of its own that has one core, and as many runs go on side by side as
// there are cores.

// workerVariable is set in the environment of workers.
const workerVariable = "PROTOSIM_WORKER"

// task is what a worker is asked to run, and news is what it answers: progress
// now and then, and in the end the run or an error.
type (
	task struct {
		Scenario *scenarios.Scenario
		Strategy scenarios.Strategy
		Seed     uint64
		Progress bool // wanted
	}
	news struct {
		Progress *world.Progress `json:",omitempty"`
		Run      *result.Run     `json:",omitempty"`
		Error    string          `json:",omitempty"`
		Stack    []byte          `json:",omitempty"` // of a panic
	}
)

// work is the life of a worker: task after task until the input ends.
func work(in io.Reader, out io.Writer) error {
	tasks, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var t task
		if err := tasks.Decode(&t); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(t.do(answers)); err != nil {
			return err
		}
	}
}

// do runs the task.
func (t *task) do(answers *json.Encoder) (last news) {
	defer func() {
		if p := caught(recover()); p != nil {
			last = news{Error: fmt.Sprint(p.value), Stack: p.stack}
		}
	}()
	var mu sync.Mutex
	over := false
	var opt world.Options
	if t.Progress {
		opt.Progress = func(p world.Progress) {
			mu.Lock()
			defer mu.Unlock()
			if !over {
				answers.Encode(news{Progress: &p})
			}
		}
	}
	run, err := world.Run(context.Background(), t.Scenario, t.Strategy, t.Seed, opt)
	mu.Lock()
	over = true
	mu.Unlock()
	if err != nil {
		return news{Error: err.Error()}
	}
	return news{Run: run}
}

// workers are processes that run tasks.
type workers struct {
	program string
	mu      sync.Mutex
	idle    []*worker
}

type worker struct {
	command *exec.Cmd
	in      io.WriteCloser
	tasks   *json.Encoder
	answers *json.Decoder
	said    bytes.Buffer // on standard error
}

// simulate is world.Simulate with runs done by workers, unless somebody watches
// what goes on in them.
func (w *workers) simulate(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
	if opt.Trace == nil && opt.Capture == nil {
		opt.Run = w.run
	}
	return world.Simulate(ctx, s, opt)
}

// run has a worker do a run. When ctx ends, so does the worker.
func (w *workers) run(ctx context.Context, s *scenarios.Scenario, strategy scenarios.Strategy, seed uint64, opt world.Options) (*result.Run, error) {
	k, err := w.take()
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { k.command.Process.Kill() })
	run, err := k.do(task{s, strategy, seed, opt.Progress != nil}, opt.Progress)
	if !stop() {
		k.end()
		return nil, context.Cause(ctx)
	}
	if err != nil {
		k.end()
		return nil, err
	}
	w.mu.Lock()
	w.idle = append(w.idle, k)
	w.mu.Unlock()
	return run, nil
}

// take returns a worker that has nothing to do, a new one if there is none.
func (w *workers) take() (*worker, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.idle); n > 0 {
		k := w.idle[n-1]
		w.idle = w.idle[:n-1]
		return k, nil
	}
	k := &worker{command: exec.Command(w.program)}
	k.command.Env = append(os.Environ(), workerVariable+"=1", "GOMAXPROCS=1")
	k.command.Stderr = &k.said
	in, err := k.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := k.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := k.command.Start(); err != nil {
		return nil, fmt.Errorf("cannot start a process for a run: %w", err)
	}
	k.in, k.tasks, k.answers = in, json.NewEncoder(in), json.NewDecoder(out)
	return k, nil
}

// do asks the worker to do a task and waits for the outcome.
func (k *worker) do(t task, report func(world.Progress)) (*result.Run, error) {
	if err := k.tasks.Encode(t); err != nil {
		return nil, k.died(err)
	}
	for {
		var n news
		if err := k.answers.Decode(&n); err != nil {
			return nil, k.died(err)
		}
		switch {
		case n.Progress != nil:
			report(*n.Progress)
		case n.Stack != nil:
			return nil, &panicked{n.Error, n.Stack}
		case n.Error != "":
			return nil, errors.New(n.Error)
		case n.Run != nil:
			return n.Run, nil
		}
	}
}

// died says how a worker came to its end.
func (k *worker) died(err error) error {
	k.command.Process.Kill() // should it not quite be dead
	if ended := k.end(); ended != nil {
		err = ended
	}
	const keep = 2000 // bytes of what it said
	said := bytes.TrimSpace(k.said.Bytes())
	return fmt.Errorf("the process of a run ended early: %w\n%s", err, said[:min(len(said), keep)])
}

// end lets the worker go and waits until it has.
func (k *worker) end() error {
	k.in.Close()
	return k.command.Wait()
}

// close ends all workers.
func (w *workers) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range w.idle {
		k.end()
	}
	w.idle = nil
}

// workerMain is main in a worker.
func workerMain() int {
	signal.Ignore(os.Interrupt) // whoever started it decides
	if err := work(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitBug
	}
	return 0
}
