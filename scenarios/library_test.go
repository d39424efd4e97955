package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"protosim/scenarios"
)

func TestLibrary(t *testing.T) {
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			text, err := scenarios.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(text), "# yaml-language-server: $schema=../schema.json\n") {
				t.Error("the file does not begin with the line that tells editors its schema")
			}
			s, err := scenarios.Load(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			if s.Name != name {
				t.Errorf("the file is called %s, the scenario %s", name, s.Name)
			}
			if s.Title == "" || s.Description == "" {
				t.Error("a title or description is missing")
			}
			if n := len(s.Expect); n < 3 || n > 6 {
				t.Errorf("%d expectations, want 3 to 6", n)
			}
		})
	}
}

// Descriptions hold on the command line and in the browser, where sliders change
// how many users there are: they name fields, not flags, and count no users.
func TestDescriptionsHoldInBothPlaces(t *testing.T) {
	unwanted := regexp.MustCompile(`--\w+|\bprotosim\b|\b[a-z_]+\.[a-z_.]+=|\b\d+ (users|clients|people|players|visitors|sockets|waiting)\b`)
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if found := unwanted.FindAllString(s.Description, -1); found != nil {
			t.Errorf("%s: the description says %q", name, found)
		}
	}
}

func TestFlagshipHasTheWeightOfATypicalPage(t *testing.T) {
	s, err := scenarios.Load("page-load", nil)
	if err != nil {
		t.Fatal(err)
	}
	objects, total := 0, scenarios.Size(0)
	for _, r := range s.Page.Resources {
		objects += r.Count
		if r.Size.Shape == scenarios.Constant {
			total += r.Size.Mean * scenarios.Size(r.Count)
			continue
		}
		if len(r.Size.Values) != r.Count {
			t.Errorf("%s: %d objects but %d sizes", r.Name, r.Count, len(r.Size.Values))
		}
		for _, v := range r.Size.Values {
			total += v
		}
	}
	if objects != 100 {
		t.Errorf("%d objects, want 100", objects)
	}
	if total < 2_550_000 || total > 2_650_000 {
		t.Errorf("%s in all, want about 2.6MB", total)
	}
}

func TestListIsInOrder(t *testing.T) {
	entries, err := scenarios.List()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
	}
	if !slices.IsSorted(names) || !slices.Contains(names, "page-load") {
		t.Errorf("got %v", names)
	}
}

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte("name: mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Load(file, []string{"network.rtt=80ms", "strategies=[http2]", "page.resources[0].size=10kB", "servers.service_time.exponential.mean=9ms"})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Network.RTT.String(); got != "80ms" {
		t.Errorf("rtt %s", got)
	}
	if len(s.Strategies) != 1 || s.Strategies[0] != scenarios.HTTP2 {
		t.Errorf("strategies %v", s.Strategies)
	}
	if got := s.Page.Resources[0]; got.Name != "document" || got.Size.Mean != 10_000 {
		t.Errorf("an entry of the default page became %+v", got)
	}
	if got := s.Servers.ServiceTime; got.Shape != scenarios.Exponential || got.Mean.String() != "9ms" {
		t.Errorf("service time %v", got)
	}
}

func TestLoadNamesWhatIsMissing(t *testing.T) {
	for input, want := range map[string]string{
		"page-laod":          `did you mean "page-load"?`,
		"./nothing.yaml":     "cannot be opened",
		"quite-another-name": "page-load, page-load-api",
		".":                  "cannot be read",
	} {
		_, err := scenarios.Load(input, nil)
		var typed *scenarios.Error
		if !errors.As(err, &typed) || !strings.Contains(err.Error(), want) {
			t.Errorf("Load(%q): %v, want %q", input, err, want)
		}
	}
	for set, want := range map[string]string{
		"network.rtt": "no = between",
		"=5":          "no field before",
		"a..b=5":      "a name is missing",
		"a[x]=5":      "brackets hold a number",
		"seed=":       "no value after",
	} {
		_, err := scenarios.Load("page-load", []string{set})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "--set "+set) {
			t.Errorf("--set %s: %v, want %q", set, err, want)
		}
	}
}
