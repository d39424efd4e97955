package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// pending is a file that is being written under another name, for as long as
// it is not whole.
type pending struct {
	path  string
	file  *os.File
	force bool
}

// newPending begins a file. Without force, there must not be one yet.
func newPending(path string, force bool) (*pending, error) {
	p := &pending{path: path, force: force}
	if err := p.free(); err != nil {
		return nil, err
	}
	// Not os.CreateTemp, whose files only their owner may read.
	hidden := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d.partial", filepath.Base(path), os.Getpid()))
	var err error
	if p.file, err = os.OpenFile(hidden, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666); err != nil {
		return nil, badInput(fmt.Sprintf("cannot write %s: %v", path, cause(err)), "choose a folder that is there and that you may write to")
	}
	return p, nil
}

// free makes sure that nothing is replaced that may not or cannot be.
func (p *pending) free() error {
	if p.force {
		return replaceable(p.path)
	}
	if _, err := os.Lstat(p.path); !errors.Is(err, os.ErrNotExist) {
		return badInput(p.path+" exists", "nothing was written; --force overwrites it, or choose another place")
	}
	return nil
}

func (p *pending) Write(b []byte) (int, error) { return p.file.Write(b) }

// abandon removes the file if it has not appeared.
func (p *pending) abandon() {
	if p.file != nil {
		p.file.Close()
		os.Remove(p.file.Name())
		p.file = nil
	}
}

// commit lets files appear, once all of them are written, and returns their
// paths.
func commit(files []*pending) ([]string, error) {
	for _, p := range files {
		if err := p.free(); err != nil {
			return nil, err
		}
		if err := p.file.Sync(); err != nil {
			return nil, unwritable(p.path, err)
		}
	}
	var paths []string
	for _, p := range files {
		name := p.file.Name()
		if err := p.file.Close(); err != nil {
			return nil, unwritable(p.path, err)
		}
		if err := os.Rename(name, p.path); err != nil {
			return nil, unwritable(p.path, err)
		}
		p.file = nil
		paths = append(paths, p.path)
	}
	return paths, nil
}
