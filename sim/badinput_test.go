package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// Every bad input is found before anything is simulated or written, with a
// reason and a remedy, and exit code 2.
func TestBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		reason string // the first line
		remedy string // somewhere below
	}{
		"unknown command":    {[]string{"rnu"}, `there is no command "rnu"`, `did you mean run?`},
		"scenario as such":   {[]string{"page-load"}, `"page-load" is a scenario, not a command`, "protosim run page-load"},
		"unknown flag":       {[]string{"run", "page-load", "--sed", "3"}, "unknown flag: --sed", "did you mean --seed?"},
		"no scenario":        {[]string{"run"}, "protosim run needs the name or file of a scenario", "--help"},
		"too many":           {[]string{"show", "page-load", "b"}, `"b" is too much`, "--help"},
		"unknown scenario":   {[]string{"run", "page-lod"}, `unknown scenario "page-lod"`, `did you mean "page-load"?`},
		"how to list":        {[]string{"run", "page-lod"}, `unknown scenario "page-lod"`, "protosim list shows all"},
		"no such file":       {[]string{"run", "./no-such.yaml"}, "./no-such.yaml: cannot be opened: no such file or directory", "path of a YAML file"},
		"a folder":           {[]string{"run", os.TempDir() + "/."}, "is a directory", "path of a YAML file"},
		"unknown strategy":   {[]string{"run", "page-load", "--strategy", "htp2"}, `--strategy htp2: unknown strategy "htp2"`, `did you mean "http2"?`},
		"strategy twice":     {[]string{"run", "page-load", "--strategy", "http2,http2"}, "--strategy http2,http2: ", ""},
		"empty strategy":     {[]string{"run", "page-load", "--strategy", "http2,"}, "--strategy http2,: ", ""},
		"strategy of none":   {[]string{"run", "page-load", "--strategy", ""}, "--strategy names none", "leave it out"},
		"strategy of chats":  {[]string{"run", "page-load", "--strategy", "hybrid"}, "the workload page has no strategy hybrid", "http1, http1-close, http2, websocket"},
		"strategy unknown":   {[]string{"run", "page-load", "--strategy", "hybri"}, `unknown strategy "hybri"`, "http1, http1-close, http2, websocket"},
		"greatest seed":      {[]string{"run", "page-load", "--seed", "18446744073709551615", "--seeds", "3"}, "3 seeds from 18446744073709551615 on are more than there are", "1 to 9007199254740991"},
		"seeds run out":      {[]string{"run", "page-load", "--seed", "9007199254740991", "--seeds", "2"}, "2 seeds from 9007199254740991 on are more", "1 to 9007199254740991"},
		"seed of a file":     {[]string{"run", "page-load", "--set", "seed=9007199254740992"}, "seed", "9007199254740991"},
		"seed not a number":  {[]string{"run", "page-load", "--seed", "x"}, `--seed cannot be "x"`, "a whole number from 1 on"},
		"negative seed":      {[]string{"run", "page-load", "--seed", "-3"}, `--seed cannot be "-3"`, "a whole number from 1 on"},
		"seed zero":          {[]string{"run", "page-load", "--seed", "0"}, "--seed cannot be 0", "count from 1"},
		"no seeds":           {[]string{"run", "page-load", "--seeds", "0"}, "--seeds cannot be 0", "1 to 100000"},
		"absurd seeds":       {[]string{"run", "page-load", "--seeds", "1000000000"}, "--seeds cannot be 1000000000", "1 to 100000"},
		"negative parallel":  {[]string{"run", "page-load", "--parallel", "-1"}, "--parallel cannot be -1", "leave it out"},
		"unknown format":     {[]string{"run", "page-load", "--format", "xml"}, `--format cannot be "xml"`, "table, json, csv"},
		"list format":        {[]string{"list", "--format", "csv"}, `--format cannot be "csv"`, "table, json"},
		"set without =":      {[]string{"run", "page-load", "--set", "network.rtt"}, "no = between field and value", "--set network.rtt=80ms"},
		"set unknown field":  {[]string{"run", "page-load", "--set", "network.rt=3ms"}, `unknown field "rt" in network`, `did you mean "rtt"?`},
		"set unknown unit":   {[]string{"run", "page-load", "--set", "network.rtt=3parsecs"}, "3parsecs", "ms"},
		"set negative":       {[]string{"run", "page-load", "--set", "network.rtt=-50ms"}, "-50ms", ""},
		"set absurd":         {[]string{"run", "page-load", "--set", "clients.count=1000000000"}, "1000000000", "100000"},
		"loss above 1":       {[]string{"run", "page-load", "--set", "network.down.loss=200%"}, "200%", ""},
		"unwritable folder":  {[]string{"run", "page-load", "--out", "/dev/null/out"}, "cannot write to the folder /dev/null/out: not a directory", "--out"},
		"a file as a folder": {[]string{"run", "page-load", "--out", "FILE/page.yaml"}, "cannot write to the folder", "--out"},
		"same name twice":    {[]string{"run", "page-load", "page-load", "--out", "FILE/out"}, `two scenarios are called "page-load"`, "one at a time"},
		"export as nothing":  {[]string{"export", "page-load"}, "protosim export needs a format", "pcapng, har, trace"},
		"export as what":     {[]string{"export", "page-load", "--as", "pcap"}, `--as cannot be "pcap"`, "did you mean pcapng?"},
		"export no host":     {[]string{"export", "page-load", "--as", "pcapng", "--host", "wwww", "--out", "FILE/new"}, `--host cannot be "wwww": page-load has no such host`, "did you mean www?"},
		"export which host":  {[]string{"export", "page-load", "--as", "pcapng", "--host", "the-nonsuch", "--out", "FILE/new"}, `--host cannot be "the-nonsuch"`, "www, client-1 and the other clients"},
		"export no pages":    {[]string{"export", "push-frequency", "--as", "har"}, "--as cannot be har: push-frequency loads no pages, its workload is push", "trace and ndjson"},
		"export no client":   {[]string{"export", "page-load", "--as", "har", "--host", "www"}, "--as har is of page loads, and none of the hosts is a client", "--host client-1"},
		"export into a file": {[]string{"export", "page-load", "--as", "har", "--out", "/dev/null/out"}, "cannot write to the folder /dev/null/out", "--out"},
		"page into a file":   {[]string{"serve", "--export", "/dev/null/out"}, "cannot write to the folder /dev/null/out", "--export"},
		"export of two":      {[]string{"export", "page-load", "page-load", "--as", "har"}, `"page-load" is too much`, "--help"},
		"export parallel":    {[]string{"export", "page-load", "--as", "har", "--parallel", "-1"}, "--parallel cannot be -1", "leave it out"},
		"unknown topic":      {[]string{"help", "rnu"}, `there is no command "rnu"`, "did you mean run?"},
		"unknown subtopic":   {[]string{"help", "mount", "cach"}, `there is no command "mount cach"`, "did you mean cache?"},
		"unknown shell":      {[]string{"completion", "tcsh"}, `there is no command "completion tcsh"`, "protosim completion --help"},
		"sweep unknown":      {[]string{"sweep", "page-load", "--vary", "network.rt=1ms,2ms"}, `--vary network.rt=1ms: unknown field "rt" in network`, `did you mean "rtt"?`},
		"sweep marked":       {[]string{"sweep", "page-load", "--vary", "network.rt=1ms,2ms"}, "--vary network.rt=1ms", "--vary network.rt=1ms\n               ^^\n"},
		"sweep set":          {[]string{"sweep", "page-load", "--vary", "network.rtt=1ms,2ms", "--set", "clients.conut=3"}, "--set clients.conut=3: unknown field", `did you mean "count"?`},
		"sweep too many":     {[]string{"sweep", "page-load", "--vary", "network.rtt=1ms..2ms:99999"}, "the number of values, 2 to 10000", "network.rtt=10ms..300ms:10"},
		"sweep one twice":    {[]string{"sweep", "page-load", "--vary", "clients.count=1,2", "--vary", "clients.count=3,4"}, "--vary names clients.count twice", "two fields"},
		"sweep lone ratio":   {[]string{"sweep", "page-load", "--vary", "clients.count=1,2", "--ratio", "http1,http2"}, "--ratio is for a map over two fields", "--vary twice"},
		"tune unknown":       {[]string{"tune", "page-load", "--param", "network.rt=1ms..2ms", "--minimize", "page_load_ms.p50"}, "--param network.rt=1: unknown field", `did you mean "rtt"?`},
		"claims of no seed":  {[]string{"claims", "--seeds", "0"}, "--seeds cannot be 0", "from 1 to 1000"},
		"claims from none":   {[]string{"claims", "--from", "FILE/none"}, "none cannot be read: no such file or directory", "claims.json"},
		"claims from other":  {[]string{"claims", "--from", "FILE/result.json"}, "does not hold what claims came to", "claims.json"},
		"memory to nowhere":  {[]string{"memory", "--out", "FILE/no/figures.json"}, "figures.json: no such file or directory", "a folder that is there"},
		"certificate alone":  {[]string{"mount", "server", "--certificate", "FILE/c.pem"}, "--certificate is of no use without TLS", "add --tls"},
		"a named folder":     {[]string{"run", "results"}, "results is a folder", "YAML file in it"},
		"a recording":        {[]string{"run", "FILE/page.har"}, `unknown field "log"`, "protosim import har"},
		"a result":           {[]string{"run", "FILE/result.json"}, `unknown field "schema"`, "protosim plot, report and compare"},
		"import a folder":    {[]string{"import", "har", "FILE/."}, "is a directory", "path of a HAR file"},
		"import to nowhere":  {[]string{"import", "har", "../scenarios/testdata/har/chrome.har", "-o", "FILE/no/page.yaml"}, "page.yaml: no such file or directory", "a folder that is there"},
		"unknown field":      {[]string{"run", "FILE/page.yaml"}, `unknown field "netwrk"`, `did you mean "network"?`},
		"cyclic page":        {[]string{"run", "FILE/cycle.yaml"}, "cycle.yaml:", ""},
		"empty file":         {[]string{"run", "FILE/empty.yaml"}, "empty.yaml", ""},
		"binary file":        {[]string{"run", "FILE/binary.yaml"}, "binary.yaml", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{
				"page.yaml":   "name: page\nnetwrk: {rtt: 50ms}\n",
				"cycle.yaml":  "name: cycle\npage:\n  resources:\n    - {name: a, size: 1kB, after: [b]}\n    - {name: b, size: 1kB, after: [a]}\n",
				"empty.yaml":  "",
				"page.har":    `{"log": {"entries": []}}`,
				"result.json": `{"schema": "protosim.result/1", "scenario": {}}`,
				"binary.yaml": "\x00\x01\xff\xfe",
			} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if c.args[0] == "run" && !slices.Contains(c.args, "--out") {
				c.args = append(c.args, "--out", "FILE/out")
			}
			if name == "a named folder" {
				t.Chdir(dir)
				if err := os.Mkdir("results", 0o777); err != nil {
					t.Fatal(err)
				}
			}
			for i := range c.args {
				c.args[i] = strings.Replace(c.args[i], "FILE", dir, 1)
			}
			simulated := func(context.Context, *scenarios.Scenario, world.Options) (*result.Result, error) {
				t.Error("it was simulated")
				return nil, nil
			}
			o := protosimWith(t, simulated, "", c.args...)
			if o.code != exitInput {
				t.Errorf("exit code %d", o.code)
			}
			first, rest, _ := strings.Cut(o.stderr, "\n")
			if !strings.HasPrefix(first, "protosim: ") || !strings.Contains(first, c.reason) || !strings.Contains(rest, c.remedy) {
				t.Errorf("got:\n%swant %s, and then %s", o.stderr, c.reason, c.remedy)
			}
			if strings.TrimSpace(rest) == "" {
				t.Errorf("there is no remedy:\n%s", o.stderr)
			}
			if o.stdout != "" || strings.Contains(o.stderr, "Usage:") {
				t.Errorf("more than an error:\n%s%s", o.stdout, o.stderr)
			}
			if _, err := os.Lstat(filepath.Join(dir, "out")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the folder for the results is there: %v", err)
			}
		})
	}
}
