package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	"protosim/model/result"
)

// folder is where --out stores results.
type folder struct {
	path string
}

// openFolder makes the folder if need be, and makes sure that files can be
// written to it: better before the simulation than after.
func openFolder(path string) (*folder, error) {
	unwritable := func(err error) error {
		return badInput(fmt.Sprintf("cannot write to the folder %s: %v", path, cause(err)), "give --out a folder that you may write to")
	}
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, unwritable(err)
	}
	probe, err := os.CreateTemp(path, ".protosim-*")
	if err != nil {
		return nil, unwritable(err)
	}
	probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return nil, unwritable(err)
	}
	return &folder{path}, nil
}

// store writes a result as NAME.json, NAME.metrics.csv and NAME.series.csv. A
// partial result gets names of its own, so that it replaces no complete one.
//
// Each file appears as a whole or not at all, and only after all three are
// ready.
func (d *folder) store(r *result.Result) error {
	name := resultName(r)
	files := []struct {
		suffix string
		write  func(io.Writer) error
		data   bytes.Buffer
	}{
		{suffix: ".json", write: r.Write},
		{suffix: ".metrics.csv", write: func(w io.Writer) error { return result.WriteMetricsCSV(w, r) }},
		{suffix: ".series.csv", write: func(w io.Writer) error { return result.WriteSeriesCSV(w, r) }},
	}
	for i := range files {
		if err := files[i].write(&files[i].data); err != nil {
			return err
		}
	}
	for i := range files {
		if err := writeFile(filepath.Join(d.path, name+files[i].suffix), files[i].data.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// resultName is what the files of a result are called, without what follows.
func resultName(r *result.Result) string {
	if r.Partial {
		return r.Scenario.Name + ".partial"
	}
	return r.Scenario.Name
}

// writeFile writes a file so that it appears as a whole or not at all.
func writeFile(path string, data []byte) error {
	if err := maybe.WriteFile(path, data, 0o666); err != nil {
		return badInput(fmt.Sprintf("cannot write %s: %v", path, cause(err)), "whatever was there before is still there")
	}
	return nil
}

// cause is what the operating system said, without the path that it said it of.
func cause(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	if e := (*os.LinkError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
