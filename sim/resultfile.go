package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"protosim/model/result"
)

// readResult reads a stored result, or one from standard input as "-".
func (p *process) readResult(path string) (*result.Result, error) {
	name, data, err := path, []byte(nil), error(nil)
	if path == "-" {
		name = "standard input"
		if data, err = p.readAll(); err != nil {
			return nil, err
		}
	} else if data, err = os.ReadFile(path); err != nil {
		return nil, badInput(fmt.Sprintf("%s cannot be read: %v", path, cause(err)), "give the path of a result; protosim run SCENARIO --out FOLDER writes one")
	}
	r, err := result.Read(bytes.NewReader(data))
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), "result: ")
		return nil, badInput(fmt.Sprintf("%s is not a result: %s", name, reason), "protosim run SCENARIO --out FOLDER writes results")
	}
	return r, nil
}

// readResults reads several results, whose scenarios must differ in name.
func (p *process) readResults(paths []string) ([]*result.Result, error) {
	var results []*result.Result
	from := map[string]string{}
	for _, path := range paths {
		r, err := p.readResult(path)
		if err != nil {
			return nil, err
		}
		if other, ok := from[r.Scenario.Name]; ok {
			return nil, badInput(fmt.Sprintf("%s and %s are both of the scenario %s", other, path, r.Scenario.Name),
				"protosim compare shows what differs between two results; for files of one name, use a folder for each")
		}
		from[r.Scenario.Name] = path
		results = append(results, r)
	}
	return results, nil
}

// file is one that is about to be written.
type file struct {
	path string
	data []byte
}

// writeFiles writes all files, or none if one of them cannot be written, or
// would replace something else and may not.
func writeFiles(files []file, force bool) error {
	for _, f := range files {
		if force {
			break
		}
		switch there, err := os.ReadFile(f.path); {
		case errors.Is(err, os.ErrNotExist) || err == nil && bytes.Equal(there, f.data):
		case err != nil:
			return badInput(fmt.Sprintf("cannot write %s: %v", f.path, cause(err)), "nothing was written")
		default:
			return badInput(f.path+" exists and is different", "nothing was written; --force overwrites it, or choose another place")
		}
	}
	var waiting []*pending
	defer func() {
		for _, w := range waiting {
			w.abandon()
		}
	}()
	for _, f := range files {
		w, err := newPending(f.path, true)
		if err != nil {
			return err
		}
		waiting = append(waiting, w)
		if _, err := w.Write(f.data); err != nil {
			return unwritable(f.path, err)
		}
	}
	_, err := commit(waiting)
	return err
}
