package main

import (
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"protosim/scenarios"
)

// complete sets a flag's completion. It panics if there is no such flag.
func complete(c *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic("sim: " + err.Error())
	}
}

// completeScenarios completes the library's names, and files besides.
func completeScenarios(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	entries, err := scenarios.List()
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var names []string
	for _, e := range entries {
		names = append(names, cobra.CompletionWithDesc(e.Name, e.Title))
	}
	return names, cobra.ShellCompDirectiveDefault
}

// completeStrategies completes the last of the strategies, separated by commas.
func completeStrategies(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	var names []string
	for _, s := range scenarios.AllStrategies() {
		if !slices.Contains(strings.Split(before, ","), string(s)) {
			names = append(names, before+string(s))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeMetrics completes a list of metrics, without those already in it.
func completeMetrics(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	var names []string
	for _, m := range scenarios.Metrics() {
		if !slices.Contains(strings.Split(before, ","), m.Name) {
			names = append(names, cobra.CompletionWithDesc(before+m.Name, m.Label))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeSet completes the path of a field, up to its equals sign.
func completeSet(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var paths []string
	for _, path := range fieldPaths(reflect.TypeFor[scenarios.Scenario](), "") {
		paths = append(paths, path+"=")
	}
	return paths, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// fieldPaths lists the fields within a type, in their order, as --set writes
// them. A list of structures shows its first entry.
func fieldPaths(t reflect.Type, prefix string) []string {
	var paths []string
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		path, inner := prefix+name, field.Type
		if inner.Kind() == reflect.Slice && hasFields(inner.Elem()) {
			path, inner = path+"[0]", inner.Elem()
		}
		if hasFields(inner) {
			paths = append(paths, fieldPaths(inner, path+".")...)
		} else {
			paths = append(paths, path)
		}
	}
	return paths
}

// hasFields says that a scenario file writes t as a mapping of fields. A
// distribution is none: its fields have no names of their own there.
func hasFields(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() > 0 && t.Field(0).Tag.Get("json") != ""
}
