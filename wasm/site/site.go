// Package site puts the browser view together and serves it, or writes it out
// for any other web server.
package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"sync"

	"protosim/wasm/modules"
	"protosim/wasm/page"
)

// Policy is the page's Content-Security-Policy: nothing but its own files, and
// no script but those and WebAssembly. The page has the same in its head, where
// frame-ancestors means nothing.
const Policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// Site is the browser view, ready to be served.
type Site struct {
	files map[string]*file
}

// file is one file in the forms in which it is sent.
type file struct {
	name          string
	plain, brotli []byte
	gzip          func() []byte // nil where compressing was not worth while
	tag           string        // of the content
}

// types are the media types of the files by extension, whatever this system's
// tables say.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".wasm": "application/wasm",
}

// Open gathers the files. Tell hears what is being built, if anything is. Own are
// scenarios that the page offers before those of the library.
func Open(ctx context.Context, version string, tell func(what string), own ...page.Own) (*Site, error) {
	built, err := modules.Open(ctx, version, tell)
	if err != nil {
		return nil, err
	}
	return newSite(version, built, own...)
}

func newSite(version string, built map[string]modules.File, own ...page.Own) (*Site, error) {
	s := &Site{files: map[string]*file{}}
	sizes := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(built)) {
		plain, err := built[name].Bytes()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		sizes[name] = len(plain)
		s.add(name, plain, built[name].Brotli)
	}
	files, err := page.Files(version, sizes, own...)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		const moderate = 5
		packed, err := modules.Compress(files[name], moderate)
		if err != nil {
			return nil, err
		}
		s.add(name, files[name], packed)
	}
	return s, nil
}

func (s *Site) add(name string, plain, brotli []byte) {
	sum := sha256.Sum256(plain)
	f := &file{name: name, plain: plain, brotli: brotli, tag: hex.EncodeToString(sum[:12])}
	if brotli != nil {
		// Where brotli was worth while gzip is too: for clients that know no
		// brotli, and browsers that take it over TLS only.
		f.gzip = sync.OnceValue(func() []byte { return zip(plain) })
	}
	s.files[name] = f
}

func zip(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		panic("site: " + err.Error()) // a bytes.Buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic("site: " + err.Error())
	}
	return b.Bytes()
}

// Names lists the files.
func (s *Site) Names() []string { return slices.Sorted(maps.Keys(s.files)) }

func (f *file) mediaType() string { return types[path.Ext(f.name)] }
