package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"protosim/model/result"
)

// reproduce is the command that gives the same numbers again, wherever it is
// run: what decides them, and nothing of how they are shown.
func reproduce(f *runFlags, name string, r *result.Result) string {
	words := []string{"protosim", "run", name, "--seed", strconv.FormatUint(r.Seed, 10)}
	if f.seeds > 1 {
		words = append(words, "--seeds", strconv.Itoa(f.seeds))
	}
	for _, strategy := range f.chosen() {
		words = append(words, "--strategy", string(strategy))
	}
	for _, set := range f.set {
		words = append(words, "--set", set)
	}
	for i, word := range words {
		words[i] = quote(word)
	}
	return strings.Join(words, " ")
}

// plain matches words that a shell takes as they are.
var plain = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// quote makes one word of a POSIX shell's command line.
func quote(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return fmt.Sprintf("'%s'", strings.ReplaceAll(word, "'", `'\''`))
}
