package chart

import (
	"errors"
	"fmt"
	"slices"

	"protosim/model/result"
	"protosim/viz/figure"
)

// connecting draws which clients get through to the servers, how long it is
// until their first event, and how often they tried.
func connecting(r *result.Result) *figure.Figure {
	f := &figure.Figure{Subtitle: "Clients that get through, whatever is in their way; time from their start to the first event; attempts until then"}
	first := barPanel(r, "push.first_event_ms.p50", "First event, median", true)
	late := barPanel(r, "push.first_event_ms.p99", "First event, 99th percentile", false)
	tries := barPanel(r, "connect.attempts", "Attempts to connect", false)
	f.Rows = []figure.Row{
		{Panels: []figure.Panel{shareBars(r, "connect.success_ratio", "Clients that get through")}},
		{Panels: []figure.Panel{first, late, tries}},
	}
	f.Title = connectingTitle(r)
	return f
}

// connectingTitle says who gets everybody through, and who does not.
func connectingTitle(r *result.Result) string {
	var all, worst []string
	least := 1.0
	for _, run := range r.Runs {
		v, ok := run.Metrics["connect.success_ratio"]
		switch {
		case !ok:
		case v >= 1:
			all = append(all, string(run.Strategy))
		case v < least:
			worst, least = []string{string(run.Strategy)}, v
		case v == least:
			worst = append(worst, string(run.Strategy))
		}
	}
	switch {
	case len(worst) == 0:
		return "Every client gets through, under every strategy"
	case len(all) == 0:
		return fmt.Sprintf("Under %s only %s of the clients get through", named(worst), brief("ratio", least))
	}
	verb := "get"
	if len(all) == 1 {
		verb = "gets"
	}
	return fmt.Sprintf("%s %s every client through, %s %s of them", named(all), verb, named(worst), brief("ratio", least))
}

// needConnecting says that nothing was in the clients' way.
func needConnecting(r *result.Result) error {
	if !slices.ContainsFunc(r.Runs, func(run result.Run) bool {
		v, ok := run.Metrics["connect.success_ratio"]
		return ok && (v < 1 || run.Metrics["fallbacks.total"] > 0)
	}) {
		return errors.New("every client connects at once")
	}
	return nil
}
