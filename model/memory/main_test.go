package memory

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	Child()
	holdLoopback()
	os.Exit(m.Run())
}
