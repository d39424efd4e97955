// Pack builds the page's WebAssembly and writes it, compressed, to where the
// tag embedded makes it part of the command. It is run by make. What the first
// view needs is compressed as hard as the level says, and must then not be larger
// than the page promises; what loads later, moderately.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"protosim/wasm/modules"
)

// The hardest level is the one at which sizes are promised.
const (
	hardest  = 11
	moderate = 5
	// mostFirst is how many bytes the modules of the first view may have.
	mostFirst = 6_000_000
)

func main() {
	level := flag.Int("level", hardest, "brotli's level for the first view, 0 to 11")
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
	group.Go(func() error { return compress(glue, out, moderate) })
	for _, m := range modules.All() {
		raw, err := m.Build(ctx, ".", out, version)
		if err != nil {
			return err
		}
		level := level
		if !m.First {
			level = min(level, moderate)
		}
		group.Go(func() error { return compress(raw, out, level) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if level < hardest {
		return nil
	}
	return checkFirst(out, mostFirst)
}

// checkFirst finds that what the first view needs is more than so many bytes.
func checkFirst(folder string, most int64) error {
	sum, parts := int64(0), []string{}
	for _, m := range modules.All() {
		if !m.First {
			continue
		}
		info, err := os.Stat(filepath.Join(folder, m.Name+".wasm.br"))
		if err != nil {
			return err
		}
		sum += info.Size()
		parts = append(parts, fmt.Sprintf("%s %.2f MB", m.Name, float64(info.Size())/1e6))
	}
	if sum > most {
		return fmt.Errorf("the first view needs %.2f MB under brotli, promised are %.1f: %s", float64(sum)/1e6, float64(most)/1e6, strings.Join(parts, ", "))
	}
	fmt.Printf("the first view needs %.2f MB under brotli: %s\n", float64(sum)/1e6, strings.Join(parts, ", "))
	return nil
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
