# Everything here needs Go and make, and nothing else: staticcheck, benchstat
# and wazero are tool dependencies of go.mod. Only the tests need more: Debian's
# redis-server, which the session store is held to, tshark, which reads packet
# captures, and chromium with fonts-dejavu-core, in which the browser view is
# tested.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c

GO      ?= go

# Digests are those of one Go: its transports are what is simulated. With another
# protosim works as well, and the digests that tests hold are not met; so another Go
# fetches this one.
RELEASE := 1.26
ifeq ($(filter go$(RELEASE) go$(RELEASE).%,$(shell $(GO) env GOVERSION)),)
export GOTOOLCHAIN := go$(RELEASE).8
endif

COUNT   ?= 6
# How hard the page's WebAssembly is compressed that the first view needs: 11 is a
# fifth smaller than 5, and takes a minute or two instead of seconds, once for each
# change of it.
BROTLI  ?= 11
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)

# Programs for wasip1 run under wazero, which compiles each of them to native
# code first and keeps the outcome in this folder.
WAZERO_CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/protosim/wazero
# Built for this machine, whatever GOOS says. Evaluated where it is used.
WAZERO = $(shell GOOS= GOARCH= $(GO) tool -n wazero) run -mount=/:/ -env-inherit -workers=2 -cachedir=$(WAZERO_CACHE)

# The engine in the browser is GOOS=wasip1: the whole model. The viewer is
# GOOS=js, where coder/websocket is no client: only what it shows.
PORTABLE := ./model/world ./model/... ./scenarios/... ./viz/figure ./viz/chart ./viz/palette ./viz/stage/...
VIEWED   := ./scenarios/... ./model/result ./viz/...

# What is tested in Chromium, and all else, what takes longest first.
BROWSER := protosim/wasm protosim/wasm/viewer
LONG    := protosim/model/world protosim/model/claim protosim/sim protosim/model/balancer
NATIVE   = $(LONG) $(filter-out $(BROWSER) $(LONG),$(shell $(GO) list ./...))

.DEFAULT_GOAL := help
.PHONY: help build run claims test test-native test-browser test-wasm lint bench bench-browser fuzz wasm clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: wasm ## build bin/protosim, the page of protosim serve included (BROTLI=5 in a hurry)
	$(GO) build -trimpath -tags embedded -ldflags '-X main.linkedVersion=$(VERSION)' -o bin/protosim ./sim

run: ## simulate the scenario page-load under every strategy; results and charts go to out/
	$(GO) build -trimpath -ldflags '-X main.linkedVersion=$(VERSION)' -o bin/protosim ./sim
	bin/protosim run page-load --out out --plots

claims: ## measure the claims anew, and put the table and the picture of the README in their place
	$(GO) build -trimpath -ldflags '-X main.linkedVersion=$(VERSION)' -o bin/protosim ./sim
	bin/protosim claims --out out/claims
	cp out/claims/claims.json out/claims/claim-10.png viz/gallery/
	UPDATE_GOLDEN=1 $(GO) test -count 1 -run TestReadmeShowsTheClaims ./sim

test: lint test-native test-browser test-wasm ## everything that CI runs

test-native: ## all tests but those in Chromium, fuzz seeds included, and the short ones with the race detector
	$(GO) test -timeout 20m $(NATIVE)
	$(GO) test -race -short -timeout 20m $(NATIVE)

# One package at a time and after the others: Chromium draws in software, and what
# it shows comes late on a machine that is busy with other tests.
test-browser: ## tests of the browser view in Chromium
	$(GO) test -p 1 -timeout 20m $(BROWSER)

test-wasm: ## tests of what runs in the browser, as WebAssembly under wazero
	@mkdir -p $(WAZERO_CACHE)
	GOOS=wasip1 GOARCH=wasm $(GO) test -short -timeout 12m -exec='$(WAZERO)' $(PORTABLE)

lint: ## gofmt, go vet and staticcheck
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted by gofmt:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags noexpectations ./wasm/engine
	GOOS=js GOARCH=wasm $(GO) build $(VIEWED)
	$(GO) tool staticcheck ./...

bench: ## benchmarks, each COUNT times (6), compared by benchstat; kept in out/bench.txt
	@mkdir -p out
	$(GO) test -run='^$$' -bench=. -benchmem -count=$(COUNT) -timeout 60m $(NATIVE) | tee out/bench.txt
	$(GO) tool benchstat out/bench.txt

# Each of them starts browsers, and takes minutes.
bench-browser: ## how long one waits for the browser view, and for its engine
	$(GO) test -run='^$$' -bench=. -benchtime=1x -timeout 60m ./wasm

fuzz: ## fuzz each fuzz test for FUZZTIME (30s)
	@for package in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs dirname | sort -u); do \
		for test in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$(GO) test -fuzz=^$$test\$$ -fuzztime=$(or $(FUZZTIME),30s) $$package"; \
			$(GO) test -run='^$$' -fuzz="^$$test\$$" -fuzztime=$(or $(FUZZTIME),30s) $$package || exit 1; \
		done; \
	done

wasm: ## build the page's WebAssembly into wasm/modules/built, where make build embeds it
	$(GO) run ./wasm/modules/pack -level $(BROTLI) -version '$(VERSION)'


clean: ## remove what the other targets made
	rm -rf bin out wasm/modules/built
