//go:build embedded

package modules

import (
	"context"
	"testing"
)

// What make build has compressed is there as it was.
func TestEmbedded(t *testing.T) {
	files, err := Open(context.Background(), "", func(what string) { t.Errorf("%s is built", what) })
	if err != nil {
		t.Fatal(err)
	}
	data, err := files["sample.wasm"].Bytes()
	if err != nil || string(data) != "a module" {
		t.Errorf("%q, %v", data, err)
	}
}
