package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2/maybe"

	"protosim/model/result"
	"protosim/scenarios"
)

// folder is where --out stores results.
type folder struct {
	path string
}

// openFolder makes the folder that a flag names if need be, and makes sure that
// files can be written to it: better before the work than after.
func openFolder(flag, path string) (*folder, error) {
	closed := func(err error) error {
		return badInput(fmt.Sprintf("cannot write to the folder %s: %v", path, cause(err)), "give "+flag+" a folder that you may write to")
	}
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, closed(err)
	}
	probe, err := os.CreateTemp(path, ".protosim-*")
	if err != nil {
		return nil, closed(err)
	}
	probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return nil, closed(err)
	}
	return &folder{path}, nil
}

// resultFiles are the files of a result, by what follows its name.
var resultFiles = []struct {
	suffix string
	write  func(io.Writer, *result.Result) error
}{
	{".json", func(w io.Writer, r *result.Result) error { return r.Write(w) }},
	{".metrics.csv", func(w io.Writer, r *result.Result) error { return result.WriteMetricsCSV(w, r) }},
	{".series.csv", func(w io.Writer, r *result.Result) error { return result.WriteSeriesCSV(w, r) }},
}

// takes makes sure that the files of the scenarios' results can be put into the
// folder.
func (d *folder) takes(loaded []*scenarios.Scenario) error {
	for _, s := range loaded {
		for _, f := range resultFiles {
			if err := replaceable(filepath.Join(d.path, s.Name+f.suffix)); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayStore refuses to replace what is not a result of the scenario and what
// comes with one. Results of it are protosim's own: another run replaces them.
func (d *folder) mayStore(name string, plots bool) error {
	for _, name := range []string{name, name + ".partial"} {
		others := []string{name + ".metrics.csv", name + ".series.csv"}
		if plots {
			for _, kind := range kindNames() {
				others = append(others, name+"."+kind+".svg", name+"."+kind+".png")
			}
		}
		path := filepath.Join(d.path, name+".json")
		there, err := isResult(path, strings.TrimSuffix(name, ".partial"))
		if err != nil {
			return err
		}
		for _, other := range others {
			path := filepath.Join(d.path, other)
			if _, err := os.Lstat(path); err == nil && !there {
				return occupied(path, "exists, without a result that it could be of")
			}
		}
	}
	return nil
}

// isResult reports whether there is a result of the scenario in a file. It
// gives an error if there is something else.
func isResult(path, scenario string) (bool, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, badInput(fmt.Sprintf("cannot read %s, which would be replaced: %v", path, cause(err)), "nothing was written")
	}
	r, err := result.Read(bytes.NewReader(data))
	switch {
	case err != nil && !result.Unsummed(data):
		return false, occupied(path, "exists and is not a result as protosim writes it")
	case err == nil && r.Scenario.Name != scenario:
		return false, occupied(path, "exists and is a result of another scenario")
	}
	return true, nil
}

// occupied says that a file is not for protosim to replace.
func occupied(path, why string) error {
	return badInput(path+" "+why, "nothing was written; --force overwrites, --out chooses another folder")
}

// store writes a result as NAME.json, NAME.metrics.csv and NAME.series.csv. A
// partial result gets names of its own, so that it replaces no complete one.
//
// Each file appears as a whole or not at all, and only after all three are
// ready.
func (d *folder) store(r *result.Result) error {
	var files []file
	for _, f := range resultFiles {
		var b bytes.Buffer
		if err := f.write(&b, r); err != nil {
			return err
		}
		files = append(files, file{filepath.Join(d.path, resultName(r)+f.suffix), b.Bytes()})
	}
	return writeFiles(files, true)
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
		return unwritable(path, err)
	}
	return nil
}

// unwritable is the error for a file that could not be written.
func unwritable(path string, err error) error {
	return badInput(fmt.Sprintf("cannot write %s: %v", path, cause(err)), "whatever was there before is still there")
}

// replaceable makes sure that no folder is where a file is to be.
func replaceable(path string) error {
	if there, err := os.Lstat(path); err == nil && there.IsDir() {
		return badInput(fmt.Sprintf("cannot write %s: it is a folder", path), "nothing was written; move the folder away, or choose another place")
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
