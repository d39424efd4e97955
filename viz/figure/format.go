package figure

import "fmt"

// Formats are the file formats of pictures.
func Formats() []string { return []string{"svg", "png", "pdf"} }

// Encode writes the scene in one of the Formats.
func (s *Scene) Encode(format string) ([]byte, error) {
	switch format {
	case "svg":
		return s.SVG(), nil
	case "png":
		return s.PNG()
	case "pdf":
		return s.PDF()
	}
	return nil, fmt.Errorf("figure: no format %q", format)
}
