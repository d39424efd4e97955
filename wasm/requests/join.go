package requests

import (
	"bytes"
	"encoding/json"
	"slices"

	"protosim/model/result"
	"protosim/scenarios"
)

// Joining is a request about results of one scenario and seed with runs of
// different strategies, which were simulated side by side.
type Joining struct {
	Do      string            `json:"do"`
	Results []json.RawMessage `json:"results"`
}

// Join reads the one result that they would have been.
func Join(request []byte) (*result.Result, error) {
	var r Joining
	if err := Decode(request, &r); err != nil {
		return nil, err
	}
	var joined *result.Result
	for _, data := range r.Results {
		res, err := result.Read(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if joined == nil {
			joined = res
			continue
		}
		joined.Runs = append(joined.Runs, res.Runs...)
	}
	if joined == nil {
		return nil, &scenarios.Error{Reason: "there are no results to join"}
	}
	order := joined.Scenario.Strategies
	slices.SortStableFunc(joined.Runs, func(a, b result.Run) int {
		return slices.Index(order, a.Strategy) - slices.Index(order, b.Strategy)
	})
	return joined, nil
}

// Finish writes a result and its table.
func Finish(res *result.Result, out *Frames) error {
	if err := res.Judge(); err != nil {
		return err
	}
	var written bytes.Buffer
	if err := res.Write(&written); err != nil {
		return err
	}
	if err := out.Write(KindResult, written.Bytes()); err != nil {
		return err
	}
	return out.JSON(KindTable, tabulate(res))
}
