package scenarios

import (
	"embed"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

//go:embed library/*.yaml
var library embed.FS

// Entry describes a scenario of the library.
type Entry struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// Names returns the names of the library's scenarios in alphabetical order.
func Names() []string {
	files, err := library.ReadDir("library")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".yaml")
	}
	slices.Sort(names) // the files' order took .yaml for a part of the name
	return names
}

// Open returns the text of a scenario of the library. For an unknown name the
// *Error suggests the nearest.
func Open(name string) ([]byte, error) {
	data, err := library.ReadFile(path.Join("library", name+".yaml"))
	if err != nil {
		return nil, &Error{Reason: fmt.Sprintf("unknown scenario %q", abbreviate(name)), Remedy: suggest(name, Names())}
	}
	return data, nil
}

// List returns name and title of every scenario of the library.
func List() ([]Entry, error) {
	var entries []Entry
	for _, name := range Names() {
		s, err := Load(name, nil)
		if err != nil {
			return nil, err
		}
		entries = append(entries, Entry{Name: s.Name, Title: s.Title})
	}
	return entries, nil
}

// Load reads a scenario of the library by its name, or a file by its path,
// with the given path=value overrides, and checks it as Parse does. What has a
// slash or a dot is a path.
func Load(nameOrPath string, sets []string) (*Scenario, error) {
	overrides := make([]Override, len(sets))
	for i, text := range sets {
		o, err := ParseOverride(text)
		if err != nil {
			return nil, err
		}
		overrides[i] = o
	}
	if strings.ContainsAny(nameOrPath, `./\`) {
		data, err := readFile(nameOrPath)
		if err != nil {
			return nil, err
		}
		return Parse(nameOrPath, data, overrides...)
	}
	data, err := Open(nameOrPath)
	if err != nil {
		return nil, err
	}
	return Parse(nameOrPath+".yaml", data, overrides...)
}

// readFile reads a file up to just above the size that Parse accepts.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		remedy := "give the path of a YAML file, or the name of a scenario of the library: " + strings.Join(Names(), ", ")
		return nil, &Error{File: name, Reason: "cannot be opened: " + rootCause(err), Remedy: remedy}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, &Error{File: name, Reason: "cannot be read: " + rootCause(err), Remedy: "give the path of a YAML file"}
	}
	return data, nil
}

// rootCause returns what the operating system said, without the path.
func rootCause(err error) string {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err.Error()
		}
		err = inner.Unwrap()
	}
}
