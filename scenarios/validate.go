package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// What a scenario may add up to.
const (
	maxObjects  = 10_000     // of a page
	maxRequests = 50_000_000 // of a strategy's run
	maxText     = 10_000     // characters of a title or description
	maxExpect   = 1000       // expectations
)

const (
	namePattern = `^[a-z0-9]+(-[a-z0-9]+)*$`
	hostPattern = `^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`
	pathPattern = `^/[!-~]*$`
)

var (
	nameSyntax = regexp.MustCompile(namePattern)
	hostSyntax = regexp.MustCompile(hostPattern)
	pathSyntax = regexp.MustCompile(pathPattern)
)

// Validate checks a scenario that was built in Go as Parse checks a file. It
// fills nothing in: start from Default. The error is an *Error that names the
// field.
func (s *Scenario) Validate() error {
	if err := s.check(); err != nil {
		return err
	}
	return nil
}

// check is Validate without the trap of a nil *Error in an error.
func (s *Scenario) check() *Error {
	checks := []func() *Error{
		s.checkTexts,
		s.checkStrategies,
		func() *Error { return checkRanges(reflect.ValueOf(*s), "") },
		s.checkLinks,
		s.checkTimes,
		s.checkResources,
		s.checkAmount,
		s.checkDependencies,
		s.checkFleet,
		s.checkCache,
		s.checkFirewalls,
		s.checkBehaviour,
		s.checkChat,
		s.checkFaults,
		s.checkExpectations,
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scenario) checkTexts() *Error {
	if s.Name == "" {
		return problem("name", "the scenario has no name", "add a line such as name: my-page")
	}
	if !nameSyntax.MatchString(s.Name) || len(s.Name) > 100 {
		return problem("name", fmt.Sprintf("%q is not a scenario's name", abbreviate(s.Name)), "use lower-case words and digits joined by hyphens")
	}
	if strings.ContainsAny(s.Title, "\r\n") {
		return problem("title", "the title has several lines", "keep one; the rest belongs into the description")
	}
	for _, text := range []struct{ path, text string }{{"title", s.Title}, {"description", s.Description}} {
		if len(text.text) > maxText {
			return problem(text.path, fmt.Sprintf("the %s has %d bytes", text.path, len(text.text)), fmt.Sprintf("keep it below %d", maxText))
		}
	}
	return nil
}

func (s *Scenario) checkStrategies() *Error {
	able := strategyNames(Able(s.Workload))
	if len(s.Strategies) == 0 {
		return problem("strategies", "no strategies", "list at least one of "+strings.Join(able, ", "))
	}
	known := strategyNames(AllStrategies())
	seen := make(map[Strategy]bool)
	for i, name := range s.Strategies {
		path := fmt.Sprintf("strategies[%d]", i)
		if index(known, string(name)) < 0 {
			return problem(path, fmt.Sprintf("unknown strategy %q", abbreviate(string(name))), suggest(string(name), able))
		}
		if !slices.Contains(able, string(name)) {
			return problem(path, fmt.Sprintf("the workload %s has no strategy %s", s.Workload, name), "use "+strings.Join(able, ", "))
		}
		if seen[name] {
			return problem(path, fmt.Sprintf("strategy %q is listed twice", name), "keep one of them")
		}
		seen[name] = true
	}
	return nil
}

func (s *Scenario) checkLinks() *Error {
	for _, link := range []struct {
		path string
		Link
	}{{"network.up", s.Network.Up}, {"network.down", s.Network.Down}} {
		if b := link.Bandwidth; b != Unlimited && b < 1000 {
			path := join(link.path, "bandwidth")
			return problem(path, fmt.Sprintf("%s %s is out of range", path, b), "give a value from 1kbps to 1000Gbps, or unlimited")
		}
	}
	return nil
}

func (s *Scenario) checkTimes() *Error {
	if s.Clients.Timeout > s.Duration {
		return problem("clients.timeout", fmt.Sprintf("clients.timeout %s is longer than the scenario's duration %s", s.Clients.Timeout, s.Duration),
			"shorten the timeout or lengthen the duration")
	}
	if s.Clients.Arrival > s.Duration {
		return problem("clients.arrival", fmt.Sprintf("clients.arrival %s is longer than the scenario's duration %s", s.Clients.Arrival, s.Duration),
			"shorten the arrival or lengthen the duration")
	}
	return nil
}

func (s *Scenario) checkResources() *Error {
	if len(s.Page.Resources) == 0 {
		return problem("page.resources", "the page has no resources", "list at least one, or leave resources out for the default page")
	}
	if len(s.Page.Resources) > maxObjects {
		return problem("page.resources", fmt.Sprintf("the page has %d resources", len(s.Page.Resources)), fmt.Sprintf("list at most %d", maxObjects))
	}
	first := make(map[string]int)
	for i, r := range s.Page.Resources {
		path := fmt.Sprintf("page.resources[%d]", i)
		switch before, duplicate := first[r.Name]; {
		case r.Name == "":
			return problem(path, fmt.Sprintf("%s has no name", path), "add a line such as name: images")
		case !nameSyntax.MatchString(r.Name) || len(r.Name) > 100:
			return problem(join(path, "name"), fmt.Sprintf("%q is not a resource's name", abbreviate(r.Name)), "use lower-case words and digits joined by hyphens")
		case duplicate:
			return problem(join(path, "name"), fmt.Sprintf("resource %q is already page.resources[%d]", r.Name, before), "rename one of them, or give one a count")
		case !hostSyntax.MatchString(r.Host) || len(r.Host) > 253:
			return problem(join(path, "host"), fmt.Sprintf("%q is not a host name", abbreviate(r.Host)), "use lower-case letters, digits, hyphens and dots, such as www or cdn.example.org")
		case !pathSyntax.MatchString(r.Path) || len(r.Path) > 8000:
			return problem(join(path, "path"), fmt.Sprintf("%q is not a request's path", abbreviate(r.Path)), "begin it with / and escape blanks and non-ASCII characters as in a URL")
		}
		first[r.Name] = i
	}
	return nil
}

func (s *Scenario) checkAmount() *Error {
	objects := 0
	for _, r := range s.Page.Resources {
		objects += r.Count
	}
	if objects > maxObjects {
		return problem("page.resources", fmt.Sprintf("the page has %d objects", objects), fmt.Sprintf("keep to %d in all", maxObjects))
	}
	if n := objects * s.Clients.Count * s.Clients.Visits; n > maxRequests {
		return problem("clients", fmt.Sprintf("%d clients x %d visits x %d objects are %d requests", s.Clients.Count, s.Clients.Visits, objects, n),
			fmt.Sprintf("keep to %d in all", maxRequests))
	}
	return nil
}

func (s *Scenario) checkDependencies() *Error {
	names := make([]string, len(s.Page.Resources))
	at := make(map[string]int)
	for i, r := range s.Page.Resources {
		names[i], at[r.Name] = r.Name, i
	}
	for i, r := range s.Page.Resources {
		seen := make(map[string]bool)
		for j, name := range r.After {
			path := fmt.Sprintf("page.resources[%d].after[%d]", i, j)
			if _, ok := at[name]; !ok {
				return problem(path, fmt.Sprintf("resource %q comes after the unknown resource %q", r.Name, abbreviate(name)), suggest(name, names))
			}
			if seen[name] {
				return problem(path, fmt.Sprintf("resource %q comes after %q twice", r.Name, name), "keep one of them")
			}
			seen[name] = true
		}
	}
	if cycle := findCycle(s.Page.Resources, at); cycle != nil {
		path := fmt.Sprintf("page.resources[%d].after", at[cycle[0]])
		return problem(path, "resources wait for each other: "+strings.Join(cycle, " after "), "remove one of these dependencies")
	}
	return nil
}

// findCycle returns the names along a cycle of dependencies, the first again
// at the end, or nil.
func findCycle(resources []Resource, at map[string]int) []string {
	const (
		unseen = iota
		open
		done
	)
	state := make([]int, len(resources))
	var trail []string
	var visit func(i int) []string
	visit = func(i int) []string {
		switch state[i] {
		case done:
			return nil
		case open:
			return append(trail[index(trail, resources[i].Name):], resources[i].Name)
		}
		state[i] = open
		trail = append(trail, resources[i].Name)
		for _, name := range resources[i].After {
			if cycle := visit(at[name]); cycle != nil {
				return cycle
			}
		}
		trail = trail[:len(trail)-1]
		state[i] = done
		return nil
	}
	for i := range resources {
		if cycle := visit(i); cycle != nil {
			return cycle
		}
	}
	return nil
}

func (s *Scenario) checkExpectations() *Error {
	if len(s.Expect) > maxExpect {
		return problem("expect", fmt.Sprintf("%d expectations", len(s.Expect)), fmt.Sprintf("keep to %d", maxExpect))
	}
	for i, text := range s.Expect {
		if _, e := compileExpectation(text, s.Strategies); e != nil {
			e.Path = fmt.Sprintf("expect[%d]", i)
			return e
		}
	}
	return nil
}
