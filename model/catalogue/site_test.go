package catalogue

import "testing"

func TestContent(t *testing.T) {
	for _, c := range []content{{}, {Number: 7, Version: 3}, {Number: 999_999, Version: 86_400, Owner: 100_000}} {
		body := c.encode(32)
		got, err := parseContent(body)
		if err != nil || got != c || len(body) != 32 {
			t.Errorf("%+v came back as %+v (%v)", c, got, err)
		}
	}
	for _, body := range []string{"", "\n", "1 2\n", "1 2 x\n", "1 2 3"} {
		if _, err := parseContent([]byte(body)); err == nil {
			t.Errorf("%q passed for a body", body)
		}
	}
}
