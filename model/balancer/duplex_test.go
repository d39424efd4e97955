package balancer_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"protosim/model/balancer"
)

// A server that answers while it is being told gets all of what it is told.
func TestResponseBeforeTheEndOfItsRequest(t *testing.T) {
	large := strings.Repeat("0123456789", 200_000)
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, balancer.Config{}, func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).EnableFullDuplex()
			io.Copy(w, r.Body)
		})
		defer s.close()
		for _, multiplexed := range []bool{false, true} {
			r, err := http.NewRequest("POST", "http://"+s.address+"/", strings.NewReader(large))
			if err != nil {
				t.Fatal(err)
			}
			res, err := s.client(multiplexed).Do(r)
			if err != nil {
				t.Errorf("HTTP/2 %v: %v", multiplexed, err)
				continue
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if string(body) != large {
				t.Errorf("HTTP/2 %v: %d of %d bytes, %v", multiplexed, len(body), len(large), err)
			}
		}
	})
}
