package result_test

import (
	"io"
	"strings"
	"testing"

	"protosim/model/result"
)

func TestWriteMetricsCSV(t *testing.T) {
	var out strings.Builder
	if err := result.WriteMetricsCSV(&out, sample(), replicated()); err != nil {
		t.Fatal(err)
	}
	want := `scenario,seed,seeds,strategy,metric,value,ci95
page-load,1,1,http1,connections.opened,6,
page-load,1,1,http1,page_load_ms.p50,1885,
page-load,1,1,http2,connections.opened,1,
page-load,1,1,http2,page_load_ms.p50,205,
page-load,1,3,http1,connections.opened,6,0
page-load,1,3,http1,page_load_ms.p50,110,24.84137867779551
page-load,1,3,http2,connections.opened,1,0
page-load,1,3,http2,page_load_ms.p50,55,12.420689338897756
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestWriteSeriesCSV(t *testing.T) {
	var out strings.Builder
	if err := result.WriteSeriesCSV(&out, sample()); err != nil {
		t.Fatal(err)
	}
	want := `scenario,strategy,series,time_ms,value
page-load,http1,connections.open,100,6
page-load,http1,connections.open,200,0.5
page-load,http1,connections.open,300,0
page-load,http2,connections.open,100,1
page-load,http2,connections.open,200,0.5
page-load,http2,connections.open,300,0
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestCSVReportsWriteErrors(t *testing.T) {
	for name, write := range map[string]error{
		"metrics": result.WriteMetricsCSV(brokenPipe{}, sample()),
		"series":  result.WriteSeriesCSV(brokenPipe{}, sample()),
	} {
		if write == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
