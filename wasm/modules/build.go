package modules

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build compiles the module in the checkout at root into a file of folder, and
// returns the file's path. What is up to date is left as it is.
func (m Module) Build(ctx context.Context, root, folder, version string) (string, error) {
	out := filepath.Join(folder, m.Name+".wasm")
	flags := "-s -w"
	if version != "" {
		flags += " -X main.version=" + version
	}
	mode := "default"
	if m.OS == "wasip1" {
		mode = "c-shared" // for a program that starts before it is asked: a reactor, in WASI's words
	}
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-buildmode="+mode, "-tags="+m.Tags, "-ldflags="+flags, "-o", out, m.Package)
	c.Dir = root
	c.Env = append(os.Environ(), "GOOS="+m.OS, "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=")
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", m.Package, err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}

// FindGlue returns the path of Glue in the Go installation.
func FindGlue(ctx context.Context) (string, error) {
	out, err := goTool(ctx, "", "env", "GOROOT")
	if err != nil {
		return "", err
	}
	return filepath.Join(out, "lib", "wasm", Glue), nil
}

// goTool runs the go command in a folder and returns what it prints.
func goTool(ctx context.Context, folder string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = folder
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}
