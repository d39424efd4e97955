package main

import (
	"fmt"
	"slices"
	"strings"
)

// Page is what is measured: equal objects, all requested at once.
type Page struct {
	Protocol    string
	Objects     int
	ObjectBytes int
	TLS         bool
}

// protocols are the ways to load a page.
var protocols = []string{"http1", "http1-close", "http2", "websocket"}

func (p Page) validate() error {
	switch {
	case !slices.Contains(protocols, p.Protocol):
		return fmt.Errorf("unknown protocol %q: one of %s", p.Protocol, strings.Join(protocols, ", "))
	case p.Objects < 1:
		return fmt.Errorf("a page of %d objects: at least one", p.Objects)
	case p.ObjectBytes < 0:
		return fmt.Errorf("objects of %d bytes: not below zero", p.ObjectBytes)
	}
	return nil
}
