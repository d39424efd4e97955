package result

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// summed is r with its Sum: what is written.
func (r *Result) summed() (*Result, error) {
	s := *r
	s.Sum = ""
	content, err := compact(&s)
	if err != nil {
		return nil, err
	}
	s.Sum = sumOf(content)
	return &s, nil
}

// compact is v as JSON without white space. "<" is common in expectations, and
// stays as it is.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// checkSum finds that what was read as r is not what was written, though each
// field could be. It looks at the text, as a later version may know more fields.
func (r *Result) checkSum(text []byte) error {
	if r.Sum == "" {
		return errors.New("sum: missing, as in results of older versions; simulate it again")
	}
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return err
	}
	content, last := bytes.CutSuffix(b.Bytes(), fmt.Appendf(nil, `,"sum":%q}`, r.Sum))
	if !last || sumOf(append(content, '}')) != r.Sum {
		return errors.New("sum: not that of the content: the result was edited or damaged")
	}
	return nil
}

// Unsummed says that a text looks like a result of a version of protosim that
// wrote no sum. It cannot be read, as nobody knows whether it was edited.
func Unsummed(text []byte) bool {
	var r struct {
		Schema string  `json:"schema"`
		Sum    *string `json:"sum"`
	}
	return json.Unmarshal(text, &r) == nil && r.Schema == Schema && r.Sum == nil
}

// checkJudged finds expectations whose outcome is not what the metrics give.
func (r *Result) checkJudged() error {
	judged := *r
	if judged.Judge() != nil || len(r.Expectations) == 0 {
		return nil // as of another version, or never judged
	}
	if len(r.Expectations) != len(judged.Expectations) {
		return fmt.Errorf("expectations: there are %d, but the scenario has %d", len(r.Expectations), len(judged.Expectations))
	}
	for i, want := range judged.Expectations {
		if have := r.Expectations[i]; have.Expr != want.Expr {
			return fmt.Errorf("expectations[%d].expr: %q, but the scenario has %q", i, have.Expr, want.Expr)
		} else if have.Held != want.Held || have.Skipped != want.Skipped {
			return fmt.Errorf("expectations[%d].held: %t, but the metrics say otherwise: %s", i, have.Held, want.Reason)
		}
	}
	return nil
}

// checkPercentiles finds percentiles that are not those of the distribution.
func (run *Run) checkPercentiles(field string) error {
	for i, d := range run.Distributions {
		for k, share := range d.Shares {
			name := d.Name + ".p" + percentile(share)
			have, ok := run.Metrics[name]
			if want := d.Values[k]; ok && !same(have, want) {
				return fmt.Errorf("%s.metrics[%q]: %v, but distributions[%d] has %v", field, name, have, i, want)
			}
		}
	}
	return nil
}

// same says that two numbers are equal but for rounding.
func same(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }
