package scenarios

import "reflect"

// Parse reads a scenario from the text of a file, applies the overrides, fills
// in the defaults, and checks it all. The scenario it returns is resolved:
// every field is set. The filename serves error messages only. A text that is
// no valid scenario gives an *Error with the position of the fault.
func Parse(filename string, data []byte, overrides ...Override) (*Scenario, error) {
	doc, err := readDocument(filename, data)
	if err != nil {
		return nil, err
	}
	for _, o := range overrides {
		if err := doc.apply(o); err != nil {
			return nil, err
		}
	}
	s := Default()
	s.Name = ""
	if doc.root != nil {
		if err := doc.decode(doc.root, "", reflect.ValueOf(s).Elem()); err != nil {
			return nil, err
		}
	}
	if _, given := doc.find("strategies"); !given {
		s.Strategies = StrategiesOf(s.Workload)
	}
	if _, given := doc.find("clients.timeout"); !given {
		s.Clients.Timeout = min(s.Clients.Timeout, s.Duration)
	}
	for i := range s.Page.Resources {
		if r := &s.Page.Resources[i]; r.Path == "" {
			r.Path = "/" + r.Name
		}
	}
	if err := s.check(); err != nil {
		return nil, doc.locate(err)
	}
	return s, nil
}
