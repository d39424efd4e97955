package transport

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestServerSentEvents(t *testing.T) {
	sent := []Event{{ID: 1, Data: []byte("one")}, {}, {ID: 2, Data: []byte(`{"two": 2}`)}}
	var b bytes.Buffer
	for _, e := range sent {
		b.Write(e.encode())
	}
	var got []string
	if err := readEvents(&b, func(e Event) { got = append(got, string(e.Data)) }, nil); err != nil {
		t.Fatal(err)
	}
	if want := []string{"one", `{"two": 2}`}; !slices.Equal(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
}

func FuzzReadEvents(f *testing.F) {
	f.Add("id: 1\ndata: x\n\n:\n\n")
	f.Add("id: \n\ndata: \n\n")
	f.Fuzz(func(t *testing.T, text string) {
		readEvents(strings.NewReader(text), func(e Event) {
			if e.Data == nil {
				t.Error("an event without data")
			}
		}, func() {})
	})
}
