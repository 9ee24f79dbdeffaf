# The two that do everything: make run, make test. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -e -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# nomsgpack: gin without a codec that nothing uses, 9 MB of program and 6 MB of memory.
TAGS    := sqlite_fts5,nomsgpack
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)
GOFILES := $(shell git ls-files -co --exclude-standard '*.go' '*.c' '*.h' '*.sql' '*.json' go.mod go.sum 2>/dev/null)
AVATARS := web/public/avatars/teacher.glb web/public/avatars/crane.glb web/public/avatars/drum.glb
AVATARSRC := $(shell git ls-files -co --exclude-standard web/avatars/src web/avatars/package-lock.json 2>/dev/null)
WEBSRC  := $(shell git ls-files -co --exclude-standard web ':!web/e2e' ':!web/avatars' ':!*.go' 2>/dev/null)

export CGO_CFLAGS_ALLOW := .*
export BWENGE_ENGINES ?= $(CURDIR)/bin/engines

##@ Use it

.PHONY: run
run: deps ready ## set everything up, then serve http://localhost:8080 (Ctrl-C stops it)
	@exec bin/bwenge serve

.PHONY: test
test: export BWENGE_PRIORITY := equal # a busy machine's other work would stop what gives way
test: deps-test ready lint test-go test-engines test-web test-e2e ## every test: Go, engines, web, and the whole box in a browser
	@echo "All tests passed."

##@ Build

.PHONY: build
build: bin/bwenge bin/bwenge-whisper bin/bwenge-voice bin/bwenge-lab ## bin/bwenge, its workers, and the lab

# Native builds are bound by the processor and weights by the network: they go side by side.
.PHONY: ready
ready:
	@$(MAKE) -j3 engines weights web/dist/index.html
	@$(MAKE) build

.PHONY: engines
engines: ## build llama-server and whisper.cpp (cached outside the tree)
	@packaging/engines.sh bin/engines

.PHONY: weights
weights: ## fetch the models' weights that this machine needs (resumable)
	@go run -tags $(TAGS) ./cmd/bwenge models pull $(if $(BWENGE_TIER),--tier $(BWENGE_TIER)) 2>&1 | cat

bin/bwenge: $(GOFILES) web/dist/index.html
	@mkdir -p bin
	go build -tags $(TAGS),webdist -ldflags "-X main.version=$(VERSION)" -o $@ ./cmd/bwenge

bin/engines/whisper.env:
	@packaging/engines.sh bin/engines

bin/bwenge-whisper: $(GOFILES) bin/engines/whisper.env
	@mkdir -p bin
	set -a; . bin/engines/whisper.env; set +a; go build -tags whisper -ldflags "-X main.version=$(VERSION)" -o $@ ./cmd/bwenge-whisper

bin/bwenge-lab: $(GOFILES) # not shipped to schools
	@mkdir -p bin
	go build -tags "$(TAGS)" -o $@ ./cmd/bwenge-lab

bin/bwenge-voice: $(GOFILES)
	@mkdir -p bin
	go build -o $@ ./cmd/bwenge-voice

web/node_modules/.stamp: web/package-lock.json
	npm --prefix web ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.stamp $(WEBSRC)
	npm --prefix web run --silent build

web/avatars/node_modules/.stamp: web/avatars/package-lock.json
	npm --prefix web/avatars ci --no-audit --no-fund --loglevel=error
	@touch $@

$(AVATARS) &: web/avatars/node_modules/.stamp $(AVATARSRC)
	npm --prefix web/avatars run --silent build

.PHONY: avatars
avatars: $(AVATARS) ## build the tutors' characters, check them, and draw their contact sheets
	npm --prefix web/avatars run --silent validate
	npm --prefix web/avatars run --silent sheet

.PHONY: generate
generate: web/node_modules/.stamp ## write the OpenAPI document and the web client's types
	go generate -tags $(TAGS) ./appliance/httpd
	npm --prefix web run --silent generate

.PHONY: deps deps-test
deps: ## install the Debian packages that running needs
	@packaging/deps.sh run
deps-test:
	@packaging/deps.sh run test

##@ Check

.PHONY: lint
lint: web/node_modules/.stamp ## gofmt, vet, staticcheck, layout, web types and rules
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt on these"; exit 1; }
	go vet -tags $(TAGS) ./...
	go tool staticcheck -tags $(TAGS) ./...
	go mod tidy -diff
	go test -tags $(TAGS) -count=1 -run 'TestImportDirections|TestEveryPackage' ./cmd/bwenge
	npm --prefix web run --silent lint
	npm --prefix web run --silent typecheck

.PHONY: test-go
test-go: ## Go unit tests, with the race detector
	go test -tags $(TAGS) -race -timeout 30m $$(go list -tags $(TAGS) ./... | grep -v '/extract$$')
# The readers work in children of one goroutine each, which the detector makes ten
# times as slow for nothing: only what starts them is tested with it.
	go test -tags $(TAGS) -race -timeout 30m -run '$(BESIDE)' ./appliance/knowledge/extract
	go test -tags $(TAGS) -timeout 30m ./appliance/knowledge/extract

BESIDE = Misbehaving|CrashKeeps|ProblemHas|Silent|Cancel|Killed|ChildSees|BadPage|SectionError|InfoComes|EngineIsCompiled|Decode|Takes|Sandbox

.PHONY: test-engines
test-engines: export BWENGE_MODELS ?= $(or $(BWENGE_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bwenge)/models
test-engines: export BWENGE_WHISPER = $(CURDIR)/bin/bwenge-whisper
test-engines: ready ## the engines themselves, with real weights
	bin/bwenge models pull smollm2-135m-instruct-q4_1.gguf multilingual-e5-small-q4_0.gguf ggml-base.bin ggml-silero-v6.2.0.bin 2>&1 | cat
	go test -tags $(TAGS),integration -count=1 -p 1 ./models/llama ./models/whisper

.PHONY: test-web
test-web: web/node_modules/.stamp web/avatars/node_modules/.stamp ## web unit tests
	npm --prefix web test --silent
	npm --prefix web/avatars test --silent

.PHONY: test-e2e
test-e2e: ready ## the whole box in Chromium, with the real engines
	cd web && npx --no-install playwright test

ZEROCONF = $(or $(BWENGE_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bwenge)/zeroconf-0

.PHONY: test-system
test-system: export PYTHONPATH = $(ZEROCONF)
test-system: ## as root, on networks of its own: is the box found by others, and its name its own
	@packaging/deps.sh system
	test -d $(ZEROCONF) || { python3 -m pip install -q --target $(ZEROCONF).part 'zeroconf>=0.130,<1' && mv $(ZEROCONF).part $(ZEROCONF); }
	go test -tags $(TAGS),system -count=1 -timeout 10m -v ./appliance/lan

.PHONY: chaos
chaos: ready ## kill -9 at random moments during ingest and chat: nothing acknowledged is lost
	bin/bwenge models pull --tier tiny 2>&1 | cat
	bin/bwenge-lab chaos --box bin/bwenge --recording web/e2e/fixtures/speech.mp4 $(CHAOS)

# The files are test data that this project does not own: where they lie is said.
FIELD ?= ../shared/eval/field

.PHONY: eval-field
eval-field: ready ## try the files that people had trouble with (FIELD=folder): what was read, and whether that is right
	bin/bwenge-lab eval field --set $(FIELD)

LIBZIM = $(or $(BWENGE_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bwenge)/libzim-3
ARTICLES ?= 2000

.PHONY: eval-archive
eval-archive: ready ## how soon an offline encyclopaedia answers (ARTICLES=2000), and whether the class waits for it
	test -d $(LIBZIM) || { python3 -m pip install -q --target $(LIBZIM).part 'libzim>=3.7,<4' && mv $(LIBZIM).part $(LIBZIM); }
	PYTHONPATH=$(LIBZIM) python3 appliance/knowledge/extract/testdata/make_zim.py bin/archive.zim $(ARTICLES)
	bin/bwenge-lab eval archive --zim bin/archive.zim --questions bin/archive.jsonl

.PHONY: bench
bench: ready ## measure the box beside the bare tools
	bin/bwenge-lab bench $(BENCH)

##@ Care

.PHONY: clean
clean: ## remove what was built here (engines and weights stay in the cache)
	rm -rf bin web/dist web/node_modules web/avatars/node_modules web/avatars/sheets $(AVATARS)

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile
