package site

import (
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	"protosim/wasm/modules"
)

// Export writes the files into a folder that any web server can serve, each
// beside its compressed forms, NAME.br and NAME.gz, for those servers that send
// them. It needs nothing of the server but the type application/wasm.
func (s *Site) Export(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for _, name := range s.Names() {
		f := s.files[name]
		packed := f.brotli
		if packed == nil {
			const moderate = 5
			var err error
			if packed, err = modules.Compress(f.plain, moderate); err != nil {
				return err
			}
		}
		for suffix, data := range map[string][]byte{"": f.plain, ".br": packed, ".gz": zip(f.plain)} {
			if err := maybe.WriteFile(filepath.Join(folder, name+suffix), data, 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}
