package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"protosim/wasm/modules"
)

// The modules of the first view count, and no others.
func TestFirstViewHasALimit(t *testing.T) {
	folder := t.TempDir()
	first := int64(0)
	for i, m := range modules.All() {
		size := 1000 * (i + 1)
		if m.First {
			first += int64(size)
		}
		if err := os.WriteFile(filepath.Join(folder, m.Name+".wasm.br"), make([]byte, size), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := checkFirst(folder, first); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if err := checkFirst(folder, first-1); err == nil || !strings.Contains(err.Error(), "engine 0.00 MB, viewer 0.00 MB") {
		t.Errorf("a byte too many: %v", err)
	}
}
