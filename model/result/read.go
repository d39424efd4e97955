package result

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Read reads a result that Write wrote. It is strict: another version of the
// schema, a file that ends early or goes on, a field that is unknown, of the
// wrong type or missing, and numbers that do not follow from the others are
// errors that name the field. Whatever else was edited, the sum tells.
func Read(r io.Reader) (*Result, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	var res Result
	if err := read(data, &res); err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	return &res, nil
}

func read(data []byte, r *Result) error {
	// The schema comes first: fields of another version are no surprise.
	var head struct {
		Schema string `json:"schema"`
	}
	if err := decode(data, &head, false); err != nil {
		return err
	}
	if head.Schema != Schema {
		return schemaError(head.Schema)
	}
	if err := decode(data, r, true); err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return err
	}
	if err := r.checkJudged(); err != nil {
		return err
	}
	return r.checkSum(data)
}

// decode reads exactly one JSON value, and says what is wrong in words that
// need no knowledge of Go.
func decode(data []byte, v any, strict bool) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if strict {
		decoder.DisallowUnknownFields()
	}
	err := decoder.Decode(v)
	var mistyped *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &mistyped):
		return fmt.Errorf("%s: of the wrong type, %s", cmp.Or(mistyped.Field, "the whole"), mistyped.Value)
	case err == io.EOF:
		return fmt.Errorf("the file is empty")
	case err == io.ErrUnexpectedEOF:
		return fmt.Errorf("the file is cut off after %d bytes", len(data))
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d is not JSON: %w", 1+bytes.Count(data[:syntax.Offset], []byte("\n")), err)
	case err != nil:
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if rest := bytes.TrimSpace(data[decoder.InputOffset():]); len(rest) > 0 {
		return fmt.Errorf("there is more after the result: %.20q", rest)
	}
	return nil
}
