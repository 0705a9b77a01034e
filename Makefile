# patchbay: `make help` lists the targets. Go is all that is needed; `make test` fetches the rest.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X patchbay.Version=$(VERSION)
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.DEFAULT_GOAL := help
.PHONY: shots bench-ui help run test check build ui e2e conformance bench lint nightly clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-11s %s\n", $$1, $$2}' Makefile

run: ui-if-node build ## start patchbay on SQLite, with the demo server when there is no librechat.yaml
	./bin/patchbay serve $(ARGS)

build: ## build ./bin/patchbay
	@mkdir -p bin
	CGO_ENABLED=0 go build -ldflags '$(LDFLAGS)' -o bin/patchbay ./cmd/patchbay

test: ## vet and every test, with the race detector when there is a C compiler
	@./scripts/test

check: build ## the quick look before a commit: format, vet, the house's rules, the example configuration
	@files=$$(git ls-files --cached --others --exclude-standard '*.go' | xargs gofmt -l); \
	if [ -n "$$files" ]; then echo "not formatted; run: gofmt -w" $$files; exit 1; fi
	go vet ./...
	go test .
	./bin/patchbay check librechat.example.yaml

e2e: ## the real binary, driven by the scripts in e2e/testdata
	go test -count=1 ./e2e/ $(ARGS)

conformance: ## the protocol's official suite against our client side; needs npx
	go test -count=1 -v ./e2e/conformance/ $(ARGS)

lint: ## golangci-lint with gofumpt, at a pinned version
	go run $(GOLANGCI) run ./...

bench: ## measure; BENCH_SUITE names the folder of a side-by-side suite
	@./bench/run $(ARGS)

nightly: build ## what is too long for every commit: full counts and times, and fuzzing
	@./scripts/nightly

ui: ## build the web UI into internal/web/dist
	@./scripts/ui

shots: ui build ## take the pictures of README.md from the running program; needs Chromium
	go test -count=1 ./e2e/ui -run TestShots -update

bench-ui: ui build ## measure the UI against its budgets; writes its part of docs/performance.md
	UI_BENCH=1 go test -count=1 -v ./e2e/ui -run TestBenchUI

.PHONY: ui-if-node
ui-if-node:
	@./scripts/ui --if-node

clean: ## remove what was built
	rm -rf bin out
