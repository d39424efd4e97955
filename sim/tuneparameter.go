package main

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"

	"protosim/scenarios"
	"protosim/viz/chart"
)

// parameter is a field that protosim tune may set, and the range to look in.
type parameter struct {
	path      string
	low, high float64 // in the kind's unit
	kind      measureKind
	whole     bool // only whole numbers
	log       bool // spaced by ratio
	chosen    bool // the range is none that the user gave

	now chart.Value // as the scenario has it; without text if that is no number
}

// loader reads the scenario with fields changed.
type loader func(set ...string) (*scenarios.Scenario, error)

// parseParameter reads what --param says: a field, and if a range is given, the
// range.
func parseParameter(text string, load loader) (*parameter, error) {
	path, values, ranged := strings.Cut(text, "=")
	p := &parameter{path: strings.TrimSpace(path)}
	wrong := func(reason, remedy string) error {
		return badInput(fmt.Sprintf("--param %s: %s", text, reason), remedy)
	}
	if p.path == "" {
		return nil, wrong("it names no field", "write it like --param clients.reconnect.window=1s..60s")
	}
	s, err := load()
	if err != nil {
		return nil, err
	}
	field, value, known := fieldAt(reflect.ValueOf(s).Elem(), p.path)
	if !known { // perhaps it is within a distribution
		var first error
		for _, probe := range []string{"1", "1s", "1kB"} {
			if _, err := load(p.path + "=" + probe); err == nil {
				first = nil
				break
			} else if first == nil {
				first = err
			}
		}
		if first != nil {
			return nil, asFlag(first, "--param", p.path)
		}
	}
	if known && !isMeasure(field.Type) {
		return nil, wrong(p.path+" is no number", "tune searches a range of numbers; compare words one by one, as in protosim run --set "+p.path+"=…")
	}
	if known {
		shown := fmt.Sprint(value)
		if v, kind, err := parseMeasure(shown); err == nil {
			p.now, p.kind = chart.Value{Text: shown, Number: v}, kind
		}
		p.whole = holdsWhole(s, p.path)
	}
	if !ranged {
		err = p.chooseRange(s, field, load)
	} else {
		err = p.readRange(values, field)
	}
	if err != nil {
		return nil, wrong(err.Error(), fmt.Sprintf("give a range, as in --param %s=%s", p.path, p.exampleRange()))
	}
	p.log = p.low > 0 && p.high/p.low > 10
	for _, end := range []float64{0, 1} {
		if _, err := load(p.path + "=" + p.at(end).Text); err != nil {
			return nil, asFlag(err, "--param", p.path)
		}
	}
	return p, nil
}

// readRange reads FROM..TO.
func (p *parameter) readRange(text string, field reflect.StructField) error {
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		return fmt.Errorf("%q is no range FROM..TO", text)
	}
	a, b, kind, err := parseEnds(from, to)
	if err != nil {
		return err
	}
	if kind.unit == "count" && field.Type == reflect.TypeFor[scenarios.Ratio]() {
		_, kind, _ = parseMeasure("1%")
	}
	switch {
	case a >= b:
		return fmt.Errorf("the range %s is empty", text)
	case p.whole && (a != math.Trunc(a) || b != math.Trunc(b)):
		return fmt.Errorf("%s is a whole number", p.path)
	}
	p.low, p.high, p.kind = a, b, kind
	return nil
}

// chooseRange looks around what the scenario has: a decade to either side, a
// factor of four of a whole number, and of a time that is 0 up to a quarter of
// the run. Ends that the scenario does not allow move towards what it has.
func (p *parameter) chooseRange(s *scenarios.Scenario, field reflect.StructField, load loader) error {
	if p.now.Text == "" {
		return fmt.Errorf("the scenario has no single number there to look around")
	}
	now := p.now.Number
	switch {
	case now > 0 && p.whole:
		p.low, p.high = math.Max(1, math.Floor(now/4)), 4*now
	case now > 0:
		p.low, p.high = now/10, now*10
	case p.kind.unit == "ms" || field.Type == reflect.TypeFor[scenarios.Duration]():
		_, p.kind, _ = parseMeasure("1s")
		p.low, p.high = 0, float64(s.Duration.Std().Milliseconds())/4
	default:
		return fmt.Errorf("the scenario has 0 there, which says nothing of the range to look in")
	}
	if p.kind.unit == "ratio" {
		p.high = min(p.high, 1)
	}
	if tag, ok := field.Tag.Lookup("range"); ok {
		from, to, _ := strings.Cut(tag, "..")
		if low, _, err := parseMeasure(from); err == nil {
			p.low = max(p.low, low)
		}
		if high, _, err := parseMeasure(to); err == nil {
			p.high = min(p.high, high)
		}
	}
	for _, end := range []*float64{&p.low, &p.high} {
		for range 20 {
			if _, err := load(p.path + "=" + p.text(*end)); err == nil {
				break
			}
			*end = (*end + now) / 2
			if p.whole {
				*end = math.Round(*end)
			}
		}
	}
	if p.low >= p.high {
		return fmt.Errorf("there is no room around %s, which the scenario has", p.now.Text)
	}
	p.chosen = true
	return nil
}

// exampleRange is a range that the field might have.
func (p *parameter) exampleRange() string {
	switch {
	case p.kind.unit == "count":
		return "1..20"
	case p.kind.unit == "ratio":
		return "0%..5%"
	case p.kind.unit == "bytes":
		return "1kB..1MB"
	case p.kind.unit == "bps":
		return "1Mbps..100Mbps"
	}
	return "1s..60s"
}

// isMeasure says that values of the type are numbers or quantities.
func isMeasure(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Float64:
		return true
	}
	return t == reflect.TypeFor[scenarios.DurationDist]() || t == reflect.TypeFor[scenarios.SizeDist]()
}

// pathSteps matches the names and the indexes of a field's path.
var pathSteps = regexp.MustCompile(`[^.\[\]]+`)

// fieldAt finds a field of a scenario by its path, as --set writes it.
func fieldAt(v reflect.Value, path string) (field reflect.StructField, value reflect.Value, ok bool) {
	value = v
	for _, name := range pathSteps.FindAllString(path, -1) {
		if value.Kind() == reflect.Slice {
			var i int
			if n, err := fmt.Sscan(name, &i); n != 1 || err != nil || i < 0 || i >= value.Len() {
				return field, value, false
			}
			value = value.Index(i)
			continue
		}
		if !hasFields(value.Type()) {
			return field, value, false
		}
		found := false
		for i := range value.NumField() {
			tag, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
			if tag == name {
				field, value, found = value.Type().Field(i), value.Field(i), true
				break
			}
		}
		if !found {
			return field, value, false
		}
	}
	return field, value, value.IsValid() && value.Type() == field.Type
}

// holdsWhole says that the field at a path is one of plain whole numbers.
func holdsWhole(s *scenarios.Scenario, path string) bool {
	_, value, known := fieldAt(reflect.ValueOf(s).Elem(), path)
	if !known || !value.CanInt() && !value.CanUint() {
		return false
	}
	_, kind, err := parseMeasure(fmt.Sprint(value))
	return err == nil && kind.unit == "count"
}

// text writes a value as a scenario file does.
func (p *parameter) text(v float64) string {
	if p.whole {
		return fmt.Sprintf("%.0f", v)
	}
	return p.kind.write(v)
}

// at is the value at a share of the range, from 0 to 1, as it can be set:
// rounded to what people would write.
func (p *parameter) at(share float64) chart.Value {
	v := along(p.low, p.high, share, p.log)
	if p.whole {
		v = math.Round(v)
	}
	text := p.text(v)
	v, _, _ = parseMeasure(text)
	return chart.Value{Text: text, Number: v}
}

// share is where in the range a value is, the inverse of at.
func (p *parameter) share(v float64) float64 {
	if p.log {
		return math.Log(v/p.low) / math.Log(p.high/p.low)
	}
	return (v - p.low) / (p.high - p.low)
}
