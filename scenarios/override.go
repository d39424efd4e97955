package scenarios

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Override replaces one field of a scenario before it is checked.
type Override struct {
	Path  string // of the field, such as network.rtt or page.resources[0].size
	Value string // in YAML, such as 80ms or [http1, http2]
}

// flag returns the override as the command line gives it.
func (o Override) flag() string { return "--set " + o.Path + "=" + o.Value }

// GivenBy is an error about an override in the words of whoever gave it by another
// flag than --set, or by none, where there are no flags. Other errors stay.
func (e *Error) GivenBy(flag string) *Error {
	const set = "--set "
	change, ok := strings.CutPrefix(e.File, set)
	if !ok {
		return e
	}
	if flag != "" {
		flag += " "
	}
	own := *e
	own.File, own.Remedy = flag+change, strings.Replace(e.Remedy, set, flag, 1)
	if line, ok := strings.CutPrefix(e.Source, set); ok {
		own.Source, own.Column = flag+line, e.Column+len(flag)-len(set)
	}
	return &own
}

// ParseOverride reads an override written as path=value.
func ParseOverride(text string) (Override, error) {
	path, value, ok := strings.Cut(text, "=")
	o := Override{Path: strings.TrimSpace(path), Value: strings.TrimSpace(value)}
	if !ok {
		return o, &Error{File: "--set " + text, Reason: "no = between field and value", Remedy: "write it like --set network.rtt=80ms"}
	}
	if o.Path == "" {
		return o, &Error{File: o.flag(), Reason: "no field before the =", Remedy: "write it like --set network.rtt=80ms"}
	}
	if _, err := parsePath(o.Path); err != nil {
		err.File = o.flag()
		return o, err
	}
	return o, nil
}

// apply makes the override part of the document.
func (doc *document) apply(o Override) error {
	steps, malformed := parsePath(o.Path)
	if malformed != nil {
		malformed.File = o.flag()
		return malformed
	}
	value, err := doc.parseValue(o)
	if err != nil {
		return err
	}
	if doc.root == nil {
		doc.root = ast.Mapping(doc.flagToken(o, steps[0]), true)
	}
	node := doc.root
	for i, s := range steps {
		next := s.in(node)
		if i == len(steps)-1 {
			next = value
		} else if next == nil || isScalar(next) {
			next = defaultNode(o.Path[:steps[i+1].at])
			if next == nil {
				next = ast.Mapping(doc.flagToken(o, s), true)
			}
		}
		if err := doc.put(o, node, s, next); err != nil {
			return err
		}
		node = next
	}
	return nil
}

// put makes child what the step leads to from node.
func (doc *document) put(o Override, node ast.Node, s step, child ast.Node) error {
	tk := doc.flagToken(o, s)
	switch n := node.(type) {
	case *ast.MappingNode:
		if s.name == "" {
			break
		}
		for _, entry := range n.Values {
			if entry.Key.GetToken().Value == s.name {
				entry.Value = child
				return nil
			}
		}
		n.Values = append(n.Values, ast.MappingValue(tk, ast.String(tk), child))
		return nil
	case *ast.SequenceNode:
		if s.name == "" && s.index < len(n.Values) {
			n.Values[s.index] = child
			return nil
		}
		if s.name == "" {
			return doc.faultAt(tk, o.Path, fmt.Sprintf("%s has %d entries, counted from 0", o.Path[:s.at], len(n.Values)), "give a smaller index")
		}
	}
	parent := strings.TrimSuffix(o.Path[:s.at], ".")
	if s.name == "" {
		return doc.faultAt(tk, o.Path, fmt.Sprintf("%s is not a list", parent), "leave out the brackets")
	}
	return doc.faultAt(tk, o.Path, fmt.Sprintf("%s is a list", parent), fmt.Sprintf("choose an entry, for example %s[0].%s", parent, s.name))
}

// parseValue reads the override's value as YAML.
func (doc *document) parseValue(o Override) (ast.Node, error) {
	part := &document{file: o.flag()}
	if len(o.Value) > maxFileSize {
		return nil, &Error{File: "--set " + o.Path, Reason: "the value is too long"}
	}
	root, err := part.parse(o.Value)
	if e, ok := err.(*Error); ok {
		e.Line, e.Column, e.Source = 0, 0, ""
		return nil, e
	}
	if root == nil {
		return nil, &Error{File: o.flag(), Path: o.Path, Reason: "no value after the =", Remedy: fmt.Sprintf("write it like --set %s=VALUE", o.Path)}
	}
	ast.Walk(marker{doc, o}, root)
	return root, nil
}

// marker remembers that the tokens of a tree came from an override, and shifts
// their positions to where they stand in the flag.
type marker struct {
	doc *document
	o   Override
}

func (m marker) Visit(node ast.Node) ast.Visitor {
	if tk := node.GetToken(); tk != nil {
		if _, seen := m.doc.flags[tk]; !seen {
			m.doc.flags[tk] = m.o
			if tk.Position.Line == 1 {
				tk.Position.Column += len([]rune("--set " + m.o.Path + "="))
			}
		}
	}
	return m
}

// flagToken makes the token of a name in an override's path.
func (doc *document) flagToken(o Override, s step) *token.Token {
	name := s.name
	if name == "" {
		name = fmt.Sprintf("[%d]", s.index)
	}
	tk := token.New(name, name, &token.Position{Line: 1, Column: len([]rune("--set "+o.Path[:s.at])) + 1})
	doc.flags[tk] = o
	return tk
}

// isScalar reports whether nothing can be within node.
func isScalar(node ast.Node) bool {
	switch node.(type) {
	case *ast.MappingNode, *ast.SequenceNode:
		return false
	}
	return true
}

// defaultNode returns the list that stands at path in the default scenario, so
// that an override can change one of its entries; nil when there is no list.
func defaultNode(path string) ast.Node {
	text, err := yaml.Marshal(Default())
	if err != nil {
		return nil
	}
	file, err := parser.Parse(lexer.Tokenize(string(text)), 0)
	if err != nil {
		return nil
	}
	doc := &document{root: file.Docs[0].Body}
	if node, exact := doc.find(strings.TrimSuffix(path, ".")); exact {
		if list, ok := node.(*ast.SequenceNode); ok {
			return list
		}
	}
	return nil
}
