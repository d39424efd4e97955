//go:build !embedded

package modules

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestWithTag runs the tests with the tag embedded, over a folder built that is
// not there.
func TestWithTag(t *testing.T) {
	packed, err := Compress([]byte("a module"), 5)
	if err != nil {
		t.Fatal(err)
	}
	sample, overlay := filepath.Join(t.TempDir(), "sample"), filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(sample, packed, 0o666); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(here, "built", "sample.wasm.br"): sample}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, replace, 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "test", "-tags=embedded", "-overlay="+overlay, ".").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
