// Package page has the files of the browser view that are not WebAssembly: HTML,
// CSS, JavaScript modules, and a catalogue of what the Go code knows, so that
// scenarios, metrics and colours are written down once.
package page

import (
	"embed"
	"io/fs"
)

//go:embed *.html *.css *.js
var files embed.FS

// Files returns the page's files by name, the catalogue included. Sizes are the
// lengths of other files that the page shows the loading of; own are scenarios
// that it offers before those of the library.
func Files(version string, sizes map[string]int, own ...Own) (map[string][]byte, error) {
	all := map[string][]byte{}
	names, err := fs.Glob(files, "*")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if all[name], err = files.ReadFile(name); err != nil {
			return nil, err
		}
	}
	all["catalogue.json"], err = catalogue(version, sizes, own)
	return all, err
}
