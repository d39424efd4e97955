package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestImpossiblePagesAndLinksAreRefused(t *testing.T) {
	good := Page{Protocol: "http2", Objects: 1}
	if err := good.validate(); err != nil {
		t.Errorf("%+v: %v", good, err)
	}
	for _, p := range []Page{
		{Protocol: "spdy", Objects: 1},
		{Protocol: "http1"},
		{Protocol: "http1", Objects: 1, ObjectBytes: -1},
	} {
		if p.validate() == nil {
			t.Errorf("%+v: accepted", p)
		}
	}
	for _, l := range []Link{{}, {OneWay: time.Second}, {UpBps: 1e6, DownBps: 1e6, QueueBytes: 1500}, {Loss: .5}} {
		if err := l.validate(); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
	for _, l := range []Link{
		{OneWay: -1},
		{UpBps: -1},
		{DownBps: 1e6},
		{UpBps: 1e6, QueueBytes: 1499},
		{Loss: -.1},
		{Loss: 1},
		{Loss: math.NaN()},
	} {
		if l.validate() == nil {
			t.Errorf("%+v: accepted", l)
		}
	}
}

func TestLinksDescribeThemselves(t *testing.T) {
	l := Link{OneWay: 25 * time.Millisecond, UpBps: 1e6, DownBps: 10e6, QueueBytes: 40_000, Loss: .005}
	for _, part := range []string{"25ms", "10 Mbps down", "1 Mbps up", "40000 B", "0.5 %"} {
		if !strings.Contains(l.String(), part) {
			t.Errorf("%q lacks %q", l, part)
		}
	}
}
