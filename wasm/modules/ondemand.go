//go:build !embedded

package modules

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
)

// Embedded says that the modules are part of the program.
const Embedded = false

// Open returns the files that the page needs beside its own, by name. It builds
// them with the go command from the checkout around the current folder, and
// keeps the outcome in the user's cache. Tell hears what is being built.
func Open(ctx context.Context, version string, tell func(what string)) (map[string]File, error) {
	root, err := checkout(ctx)
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(cache, "protosim", "wasm")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	files := map[string]File{}
	for _, m := range All() {
		tell(m.Name)
		built, err := m.Build(ctx, root, folder, version)
		if err != nil {
			return nil, err
		}
		data, err := os.ReadFile(built)
		if err != nil {
			return nil, err
		}
		files[m.Name+".wasm"] = File{Plain: data}
	}
	glue, err := FindGlue(ctx)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(glue)
	if err != nil {
		return nil, err
	}
	files[Glue] = File{Plain: data}
	return files, nil
}

// checkout is the root of protosim's source around the current folder.
func checkout(ctx context.Context) (string, error) {
	own := "protosim"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path != "" {
		own = info.Main.Path
	}
	mod, err := goTool(ctx, "", "env", "GOMOD")
	if err == nil && mod != "" && mod != os.DevNull {
		found, err := goTool(ctx, filepath.Dir(mod), "list", "-m")
		if err == nil && path.Clean(found) == own {
			return filepath.Dir(mod), nil
		}
	}
	return "", fmt.Errorf("this protosim was built without the page's WebAssembly, and there is no checkout of %s to build it from\nrun it within the checkout, or build it with make build", own)
}
