package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/shell"
	"mvdan.cc/sh/v3/syntax"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/viz/report"
)

// documents are those whose commands are run, from the root of the checkout.
var documents = []string{"README.md", "scenarios/TUTORIAL.md"}

// elsewhere are beginnings of commands that are not run here, and why.
var elsewhere = []struct{ command, because string }{
	{"make test", "it would run this test; CI runs it"},
	{"go build", "this test is part of the program"},
	{"go run ./model/kernel", "it needs root and network namespaces"},
	{"go test", "CI runs all tests"},
	{"protosim serve", "it serves until Ctrl-C: TestServeUntilInterrupted"},
	{"protosim mount", "it serves until Ctrl-C: mount_test.go"},
}

// Every command in the documents works, and prints what is shown beneath it.
// Commands without anything shown are run with two clients and two seeds: it is
// their arguments and files that are in question.
//
// UPDATE_GOLDEN=1 writes what is printed now into the documents. A line is
// replaced by the next that begins with the same word.
func TestCommandsInDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	var pool workers
	if pool.program, err = os.Executable(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.close)
	for _, name := range documents {
		t.Run(filepath.Base(name), func(t *testing.T) {
			path := filepath.Join(root, name)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			d := &document{T: t, name: name, root: root, lines: strings.Split(string(text), "\n"), simulate: pool.simulate}
			d.prepare()
			commands := d.run()
			if commands == 0 {
				t.Error("no commands were found")
			}
			if d.checkInline() == 0 {
				t.Error("no commands were found in sentences")
			}
			if updated := strings.Join(d.lines, "\n"); os.Getenv("UPDATE_GOLDEN") != "" && updated != string(text) {
				if err := os.WriteFile(path, []byte(updated), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// The README shows what the stored claims came to, as the command prints it, and
// they are all those that there are. UPDATE_GOLDEN=1 writes it
// there; make claims measures it anew.
func TestReadmeShowsTheClaims(t *testing.T) {
	const stored, readme, begin, end = "../viz/gallery/claims.json", "../README.md", "claims.json --format markdown -->\n", "<!-- /claims -->"
	got := protosim(t, "claims", "--from", stored, "--format", "markdown")
	if got.code != exitOK {
		t.Fatal(got.stderr)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), begin)
	shown, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("the README has no place for the claims")
	}
	if want := got.stdout; shown != want && os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if shown != want {
		t.Errorf("the README shows\n%s\nbut what was measured is (UPDATE_GOLDEN=1 updates it)\n%s", shown, want)
	}

	file, err := os.Open(stored)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	found, err := report.ReadFindings(file)
	if err != nil {
		t.Fatal(err)
	}
	claims, table := scenarios.Claims(), scenarios.ClaimsTable()
	if found.Partial || found.Table == nil || len(found.Claims) != len(claims) || len(found.Table.Rows) != len(table.Rows) {
		t.Fatalf("%s is not of all claims: make claims", stored)
	}
	for i, c := range claims {
		if f := found.Claims[i]; f.Number != c.Number || f.Claim != c.Claim || f.Holds != c.Holds || len(f.Figures) != len(c.Figures) || !found.Quick && (len(f.Limits) != len(c.Limits) || len(f.Off) != len(c.Off)) {
			t.Errorf("%s is older than claim %d: make claims", stored, c.Number)
		}
	}
	for i, row := range table.Rows {
		if found.Table.Rows[i].Row != row.Row || found.Table.Rows[i].Note != row.Note {
			t.Errorf("%s is older than the row %q: make claims", stored, row.Row)
		}
	}
}

// The README has every scenario of the library beside a question.
func TestReadmeNamesEveryScenario(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n| question | scenario |\n")
	table, _, _ := strings.Cut(rest, "\n\n")
	for _, name := range scenarios.Names() {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("%s is missing", name)
		}
	}
}

// document is a Markdown file whose commands are being run.
type document struct {
	*testing.T
	name, root string
	lines      []string
	simulate   simulator

	shell  *interp.Runner
	output safeBuffer // of the command that is running
	shown  bool       // some of its output is in the document
}

// safeBuffer takes in what several goroutines write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// prepare makes a folder to run in, with what the documents take as given, and
// a shell.
func (d *document) prepare() {
	dir := d.TempDir()
	d.Chdir(dir)
	d.must(os.Symlink(filepath.Join(d.root, "scenarios"), "scenarios"))
	har, err := os.ReadFile(filepath.Join(d.root, "scenarios/testdata/har/chrome.har"))
	d.must(err)
	d.must(os.WriteFile("page.har", har, 0o666))
	for _, name := range []string{"before", "after"} {
		if o := protosim(d.T, "run", "page-load", "--quiet", "--set", "expect=[]", "--out", name); o.code != exitOK {
			d.Fatal(o.stderr)
		}
		d.must(os.Rename(filepath.Join(name, "page-load.json"), name+".json"))
	}
	d.shell, err = interp.New(interp.Dir(dir), interp.StdIO(nil, &d.output, &d.output), interp.ExecHandlers(d.execute))
	d.must(err)
}

func (d *document) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// execute runs protosim in this process, and leaves other programs to the shell.
func (d *document) execute(next interp.ExecHandlerFunc) interp.ExecHandlerFunc {
	return func(ctx context.Context, args []string) error {
		switch words := strings.Join(args, " "); {
		case words == "make run":
			args = d.recipe("run")
		case strings.HasPrefix(words, "go run ./sim "):
			args = args[2:]
		case args[0] != "protosim" && args[0] != "bin/protosim":
			return next(ctx, args)
		}
		simulate := d.simulate
		if !d.shown {
			simulate = scaledDown(simulate)
		}
		streams := interp.HandlerCtx(ctx)
		p := &process{stdin: strings.NewReader(""), stdout: streams.Stdout, stderr: streams.Stderr, env: func(string) string { return "" }, simulate: simulate}
		if code := p.main(args[1:]); code != 0 {
			return interp.ExitStatus(code)
		}
		return nil
	}
}

// scaledDown is a simulator of few clients and seeds, of which nothing is expected.
func scaledDown(full simulator) simulator {
	return func(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
		small := *s
		small.Clients.Count, small.Expect = min(2, s.Clients.Count), nil
		opt.Seeds = min(2, opt.Seeds)
		return full(ctx, &small, opt)
	}
}

// recipe is the command of protosim in the recipe of a target of the Makefile.
func (d *document) recipe(target string) []string {
	text, err := os.ReadFile(filepath.Join(d.root, "Makefile"))
	d.must(err)
	_, rest, _ := strings.Cut(string(text), "\n"+target+":")
	for _, line := range strings.Split(rest, "\n")[1:] {
		if command, ok := strings.CutPrefix(line, "\tbin/protosim "); ok {
			return strings.Fields("protosim " + command)
		} else if !strings.HasPrefix(line, "\t") {
			break
		}
	}
	d.Fatalf("make %s does not run protosim", target)
	return nil
}

// session is a command and the lines of the document that show its output.
type session struct {
	command  string
	at       int // line
	from, to int // lines of output
}

// scenarioName finds the name in a YAML file.
var scenarioName = regexp.MustCompile(`(?m)^name: (\S+)$`)

// run goes through the document's blocks in their order: it runs commands, and
// stores scenarios under their names. It says how many commands there were.
func (d *document) run() (commands int) {
	for i := 0; i < len(d.lines); i++ {
		kind, from, to := "", i, i
		switch line := d.lines[i]; {
		case strings.HasPrefix(line, "```"):
			kind, from = strings.TrimSpace(line[3:]), i+1
			for to = from; to < len(d.lines) && d.lines[to] != "```"; to++ {
			}
			i = to
		case strings.HasPrefix(line, "    ") && i > 0 && d.lines[i-1] == "":
			kind = "indented"
			for to = from; to < len(d.lines) && (strings.HasPrefix(d.lines[to], "    ") || d.lines[to] == "" && to+1 < len(d.lines) && strings.HasPrefix(d.lines[to+1], "    ")); to++ {
			}
			i = to - 1
		default:
			continue
		}
		block := strings.Join(d.lines[from:to], "\n")
		switch kind {
		case "yaml":
			if name := scenarioName.FindStringSubmatch(block); name != nil {
				d.must(os.WriteFile(name[1]+".yaml", []byte(block+"\n"), 0o666))
			}
		case "sh", "console", "indented":
			for _, s := range d.sessions(kind, from, to) {
				d.try(s)
				commands++
			}
		}
	}
	return commands
}

// sessions are the commands of a block, with the output shown beneath each if
// they stand behind a $.
func (d *document) sessions(kind string, from, to int) []session {
	var all []session
	prompts := slices.ContainsFunc(d.lines[from:to], func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "$ ") })
	if !prompts {
		// One script, whose statements may go over several lines.
		script, err := syntax.NewParser().Parse(strings.NewReader(strings.Join(d.lines[from:to], "\n")), d.name)
		if err != nil {
			d.Fatalf("%s:%d: %v", d.name, from+1, err)
		}
		for _, statement := range script.Stmts {
			var b strings.Builder
			d.must(syntax.NewPrinter().Print(&b, statement))
			all = append(all, session{command: b.String(), at: from + int(statement.Pos().Line()) - 1})
		}
		return all
	}
	for i := from; i < to; i++ {
		line := strings.TrimSpace(d.lines[i])
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			if n := len(all); n > 0 {
				all[n-1].to = i + 1
			}
			continue
		}
		at := i
		for strings.HasSuffix(command, "\\") && i+1 < to {
			i++
			command = strings.TrimSuffix(command, "\\") + " " + strings.TrimSpace(d.lines[i])
		}
		all = append(all, session{command, at, i + 1, i + 1})
	}
	return all
}

// try runs a command. It may fail only if the document asks for its exit code
// next, and then says it.
func (d *document) try(s session) {
	for _, e := range elsewhere {
		if strings.HasPrefix(strings.Replace(s.command, "go run ./sim", "protosim", 1), e.command) {
			d.checkArguments(s)
			return
		}
	}
	statement, err := syntax.NewParser().Parse(strings.NewReader(s.command), d.name)
	if err != nil {
		d.Fatalf("%s:%d: %v", d.name, s.at+1, err)
	}
	d.output.b.Reset()
	d.shown = s.to > s.from
	err = d.shell.Run(context.Background(), statement.Stmts[0])
	asked := s.to < len(d.lines) && strings.TrimSpace(d.lines[max(s.to, s.at+1)]) == "$ echo $?"
	var status interp.ExitStatus
	if err != nil && !(asked && errors.As(err, &status)) || err == nil && asked {
		d.Errorf("%s:%d: %s: %v, code asked for: %v\n%s", d.name, s.at+1, s.command, err, asked, d.output.b.String())
	}
	for _, outdated := range d.compare(s, strings.Split(d.output.b.String(), "\n"), os.Getenv("UPDATE_GOLDEN") != "") {
		d.Error(outdated)
	}
}

// compare looks for each line of the shown output in what was printed, in the
// same order, and says what is not there. If it is to be updated, the next line
// that begins alike takes its place.
func (d *document) compare(s session, printed []string, update bool) (outdated []string) {
	for i := s.from; i < s.to; i++ {
		shown := strings.Fields(d.lines[i])
		if len(shown) == 0 || strings.Trim(shown[0], "─…") == "" {
			continue
		}
		at := slices.IndexFunc(printed, func(line string) bool { return reflect.DeepEqual(strings.Fields(line), shown) })
		if at < 0 {
			at = slices.IndexFunc(printed, func(line string) bool { f := strings.Fields(line); return len(f) > 0 && f[0] == shown[0] })
			now := "nothing like it"
			if at >= 0 {
				now = printed[at]
			}
			if at < 0 || !update {
				outdated = append(outdated, fmt.Sprintf("%s:%d: %s no longer prints (UPDATE_GOLDEN=1 updates the document)\n%s\nbut\n%s", d.name, i+1, s.command, d.lines[i], now))
			}
		}
		if at < 0 {
			continue
		}
		if update {
			indent := ""
			if strings.HasPrefix(d.lines[s.at], "    ") {
				indent = "    "
			}
			d.lines[i] = strings.TrimRight(indent+printed[at], " ")
		}
		printed = printed[at+1:]
	}
	return outdated
}

// checkArguments checks a command that is run elsewhere: its flags, and how many
// arguments it takes.
func (d *document) checkArguments(s session) {
	words := strings.Fields(strings.Replace(s.command, "go run ./sim", "protosim", 1))
	if words[0] != "protosim" {
		return
	}
	if err := checkCommand(words[1:]); err != nil {
		d.Errorf("%s:%d: %s: %v", d.name, s.at+1, s.command, err)
	}
}

// checkCommand checks the words after protosim as the program does, without
// running what they ask for.
func checkCommand(words []string) error {
	root := (&process{}).rootCommand()
	root.InitDefaultCompletionCmd("completion")
	c, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if c == root {
		return errors.New("it names no command")
	}
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	return c.ValidateArgs(c.Flags().Args())
}

// inline matches commands within sentences.
var inline = regexp.MustCompile("`(?:bin/)?protosim ([a-z][^`]*)`")

// checkInline checks that the commands that sentences name exist, with their
// flags, and take these arguments. A command by itself, as in "protosim compare",
// is only named.
func (d *document) checkInline() (checked int) {
	text := strings.Join(d.lines, "\n")
	for _, m := range inline.FindAllStringSubmatchIndex(text, -1) {
		command, line := text[m[2]:m[3]], 1+strings.Count(text[:m[0]], "\n")
		command = strings.NewReplacer("NAME", "page-load", "COMMAND --help", "run page-load").Replace(command)
		words, err := shell.Fields(command, nil)
		if err == nil {
			err = checkCommand(words)
			if root := (&process{}).rootCommand(); len(words) == 1 && err != nil {
				root.InitDefaultCompletionCmd("completion")
				if c, _, found := root.Find(words); found == nil && c != root {
					err = nil
				}
			}
		}
		if err != nil {
			d.Errorf("%s:%d: protosim %s: %v", d.name, line, command, err)
		}
		checked++
	}
	return checked
}

// What sentences say is held to what the program takes, not only to its first word.
func TestInlineCommandsAreChecked(t *testing.T) {
	for _, test := range []struct {
		command string
		ok      bool
	}{
		{"run page-load --set network.rtt=80ms", true},
		{"claims show 2 --quick", true},
		{"sweep push-frequency --vary push.interval=200ms..40s:8:log --metric push.bytes_per_event", true},
		{"run", false},
		{"run page-load --sets network.rtt=80ms", false},
		{"claims show", false},
		{"ran page-load", false},
		{"compare one.json", false},
	} {
		if err := checkCommand(strings.Fields(test.command)); (err == nil) != test.ok {
			t.Errorf("protosim %s: %v", test.command, err)
		}
	}
}

// Output that is outdated is found, and replaced where it is to be.
func TestOutdatedOutputIsFound(t *testing.T) {
	d := &document{T: t, name: "X.md", lines: []string{
		"    $ protosim run \\",
		"        page-load",
		"              http1   http2",
		"    ───────────────────────",
		"      requests    12      14",
		"      recovery ★ 1 s",
		"    ✓ a",
		"    $ echo $?",
		"    0",
	}}
	all := d.sessions("indented", 0, len(d.lines))
	if len(all) != 2 || all[0] != (session{"protosim run  page-load", 0, 2, 7}) || all[1] != (session{"echo $?", 7, 8, 9}) {
		t.Fatalf("%+v", all)
	}
	printed := []string{"the title", "        http1 http2", "other      7", "  requests    13      14", "  recovery ★ 1 s", "✓ b", "✓ a"}
	if outdated := d.compare(all[0], printed, false); len(outdated) != 1 || !strings.Contains(outdated[0], "X.md:5: ") {
		t.Errorf("outdated: %q", outdated)
	}
	if outdated := d.compare(all[0], printed, true); outdated != nil || d.lines[4] != "      requests    13      14" {
		t.Errorf("updated: %q, %q", outdated, d.lines[4])
	}
	if outdated := d.compare(all[0], printed[:3], true); len(outdated) != 3 {
		t.Errorf("nothing alike: %q", outdated)
	}
}
