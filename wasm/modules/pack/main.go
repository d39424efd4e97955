// Pack builds the page's WebAssembly and writes it, compressed, to where the
// tag embedded makes it part of the command. It is run by make.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"protosim/wasm/modules"
)

func main() {
	level := flag.Int("level", 9, "brotli's level, 0 to 11")
	version := flag.String("version", "", "what the engine writes into results")
	out := flag.String("out", "wasm/modules/built", "folder")
	flag.Parse()
	if err := pack(context.Background(), *level, *version, *out); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(ctx context.Context, level int, version, out string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	glue, err := modules.FindGlue(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return compress(glue, out, level) })
	for _, m := range modules.All() {
		raw, err := m.Build(ctx, ".", out, version)
		if err != nil {
			return err
		}
		group.Go(func() error { return compress(raw, out, level) })
	}
	return group.Wait()
}

// compress writes the compressed file into the folder, unless the one there is
// younger than the file.
func compress(path, folder string, level int) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	to := filepath.Join(folder, filepath.Base(path)+".br")
	mark := filepath.Join(folder, fmt.Sprintf(".%s.%d", filepath.Base(path), level))
	if same(path, mark) && exists(to) {
		return nil
	}
	packed, err := modules.Compress(data, level)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, packed, 0o666); err != nil {
		return err
	}
	fmt.Printf("%s: %.2f MB, %.2f MB compressed\n", filepath.Base(path), float64(len(data))/1e6, float64(len(packed))/1e6)
	return os.WriteFile(mark, nil, 0o666)
}

// same says that the mark was made after the file.
func same(path, mark string) bool {
	file, err := os.Stat(path)
	if err != nil {
		return false
	}
	made, err := os.Stat(mark)
	return err == nil && made.ModTime().After(file.ModTime())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
