package scenarios

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a scenario file. The parser's work grows with the square of the
// nesting, so deep nesting is refused before it begins.
const (
	maxFileSize = 1_000_000 // bytes
	maxNesting  = 32        // levels
)

// document is a file's YAML tree, and knows where in which text each node stands.
type document struct {
	file  string
	lines []string
	root  ast.Node // nil for an empty document
	// flags holds the tokens that came from --set flags instead of the file.
	flags map[*token.Token]Override
}

// readDocument parses a text that holds one YAML document (JSON is YAML).
func readDocument(file string, data []byte) (*document, error) {
	doc := &document{file: file, flags: make(map[*token.Token]Override)}
	if len(data) > maxFileSize {
		return nil, &Error{File: file, Reason: fmt.Sprintf("the file has %d bytes, more than the %d that a scenario may have", len(data), maxFileSize),
			Remedy: "is it a scenario? describe alike resources once, with a count"}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	doc.lines = strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	for i, line := range doc.lines {
		if !utf8.ValidString(line) || strings.ContainsRune(line, 0) {
			return nil, &Error{File: file, Line: i + 1, Column: 1, Reason: "the file is not UTF-8 text",
				Remedy: "save it as UTF-8; a scenario is a text file"}
		}
	}
	root, err := doc.parse(string(data))
	if err != nil {
		return nil, err
	}
	doc.root = root
	return doc, nil
}

// parse reads text as one YAML document without anchors, aliases and tags.
func (doc *document) parse(text string) (root ast.Node, err error) {
	defer func() { // the parser is young; a fault of it is not ours to die of
		if fault := recover(); fault != nil {
			root, err = nil, &Error{File: doc.file, Reason: fmt.Sprintf("not readable as YAML (%v)", fault), Remedy: "write it more simply"}
		}
	}()
	tokens := lexer.Tokenize(text)
	if tk := tooDeep(tokens); tk != nil {
		return nil, doc.faultAt(tk, "", fmt.Sprintf("nested deeper than %d levels", maxNesting), "a scenario nests no deeper than about 6")
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, doc.syntaxError(err)
	}
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if d.Body.Type() == ast.DirectiveType {
			return nil, doc.fault(d.Body, "", "YAML directives are not supported", "remove the line")
		}
		if root != nil {
			return nil, doc.fault(d.Body, "", "a second document in one file", "put each scenario in a file of its own")
		}
		root = d.Body
	}
	if root != nil {
		refused := &refuser{doc: doc}
		ast.Walk(refused, root)
		if refused.err != nil {
			return nil, refused.err
		}
	}
	return root, nil
}

// tooDeep returns the token that opens one level too many, if any.
func tooDeep(tokens token.Tokens) *token.Token {
	flow, inline, line := 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			line, inline = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			inline++
		}
		if max(flow, inline) > maxNesting || tk.Position.IndentNum > 8*maxNesting {
			return tk
		}
	}
	return nil
}

// refuser finds the first node that would let a document refer to itself or
// to types, which scenarios have no use for.
type refuser struct {
	doc *document
	err *Error
}

func (r *refuser) Visit(node ast.Node) ast.Visitor {
	if r.err != nil {
		return nil
	}
	what := ""
	switch node.Type() {
	case ast.AnchorType, ast.AliasType:
		what = "anchors and aliases"
	case ast.MergeKeyType:
		what = "merge keys"
	case ast.TagType:
		what = "tags"
	case ast.MappingKeyType:
		what = "complex keys"
	default:
		return r
	}
	r.err = r.doc.fault(node, "", what+" are not supported", "write the value out; alike resources are described once, with a count")
	return nil
}

// syntaxError turns an error of the parser into one of ours.
func (doc *document) syntaxError(err error) *Error {
	if e, ok := err.(yaml.Error); ok && e.GetToken() != nil {
		reason, remedy := e.GetMessage(), "check quotes, brackets and indentation around this place"
		if _, duplicate := err.(*yaml.DuplicateKeyError); duplicate || strings.Contains(reason, "already defined") {
			remedy = "keep one of them"
		}
		return doc.faultAt(e.GetToken(), "", reason, remedy)
	}
	return &Error{File: doc.file, Reason: "not readable as YAML: " + strings.ReplaceAll(err.Error(), "\n", " "), Remedy: "check quotes, brackets and indentation"}
}

// fault makes an Error about a node.
func (doc *document) fault(node ast.Node, path, reason, remedy string) *Error {
	return doc.faultAt(firstToken(node), path, reason, remedy)
}

// faultAt makes an Error about the text at a token.
func (doc *document) faultAt(tk *token.Token, path, reason, remedy string) *Error {
	e := &Error{File: doc.file, Path: path, Reason: reason, Remedy: remedy}
	if tk == nil || tk.Position == nil {
		return e
	}
	e.Column = max(1, tk.Position.Column)
	e.Width = utf8.RuneCountInString(strings.TrimSpace(tk.Origin))
	if flag, ok := doc.flags[tk]; ok {
		e.File, e.Source = flag.flag(), flag.flag()
		return e
	}
	e.Line = tk.Position.Line
	if 0 < e.Line && e.Line <= len(doc.lines) {
		e.Source = doc.lines[e.Line-1]
	}
	return e
}

// firstToken returns the token at which a node begins.
func firstToken(node ast.Node) *token.Token {
	switch n := node.(type) {
	case nil:
		return nil
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return firstToken(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return firstToken(n.Key)
	}
	return node.GetToken()
}

// find returns the node at a path, or, when the document does not have it, the
// nearest node above.
func (doc *document) find(path string) (node ast.Node, exact bool) {
	node = doc.root
	steps, err := parsePath(path)
	if err != nil {
		return node, false
	}
	for _, s := range steps {
		next := s.in(node)
		if next == nil {
			return node, false
		}
		node = next
	}
	return node, true
}

// locate adds the position of the field that err is about.
func (doc *document) locate(err *Error) *Error {
	node, _ := doc.find(err.Path)
	if node == nil {
		err.File = doc.file
		return err
	}
	located := doc.fault(node, err.Path, err.Reason, err.Remedy)
	if err.Width > 0 && isScalar(node) { // it is about a part of the text
		line, text := []rune(located.Source), scalarText(node)
		from := min(max(located.Column-1, 0), len(line))
		if before, _, found := strings.Cut(string(line[from:]), text); found {
			located.Column += utf8.RuneCountInString(before) + err.within
			located.Width = err.Width
		}
	}
	return located
}
