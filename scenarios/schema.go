package scenarios

import (
	_ "embed"
	"slices"
)

// The schema is generated from the types, their comments and tags, and the
// defaults; a test fails when it is stale.
//
//go:generate go test . -run TestSchemaIsCurrent -update

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of scenario files, by which
// editors complete and check them.
func Schema() []byte { return slices.Clone(schema) }
