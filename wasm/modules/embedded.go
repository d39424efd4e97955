//go:build embedded

package modules

import (
	"context"
	"embed"
	"strings"
)

// Embedded says that the modules are part of the program.
const Embedded = true

//go:embed built/*.br
var built embed.FS

// Open returns the files that the page needs beside its own, by name.
func Open(context.Context, string, func(string)) (map[string]File, error) {
	entries, err := built.ReadDir("built")
	if err != nil {
		return nil, err
	}
	files := map[string]File{}
	for _, e := range entries {
		data, err := built.ReadFile("built/" + e.Name())
		if err != nil {
			return nil, err
		}
		files[strings.TrimSuffix(e.Name(), ".br")] = File{Brotli: data}
	}
	return files, nil
}
