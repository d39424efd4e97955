package scenarios_test

import "flag"

// update rewrites golden files: go test ./scenarios -update
var update = flag.Bool("update", false, "rewrite schema.json and the expected errors in testdata")
