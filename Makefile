# goser: what you do every day. `make help` lists it.

export CGO_ENABLED := 0
export DESTDIR PREFIX SYSCONFDIR
GO      ?= go
TOOLS   := -modfile=cmd/tools/go.mod
VERSION ?= $(shell git describe --tags --always 2>/dev/null || echo devel)
LDFLAGS := -s -w -X goser/cmd/ser/version.Version=$(VERSION)
T       ?= 30s

.PHONY: help build install uninstall deb run test race lint bench fuzz interop chaos soak sim kill clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n",$$1,$$2}' $(MAKEFILE_LIST)

build: ## bin/ser, bin/sipload
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/ser ./cmd/sipload

install: build ## below PREFIX (/usr/local), SYSCONFDIR (/etc) and DESTDIR: programs, init script, unit, man page
	scripts/install.sh install bin

uninstall: ## takes away what install put there, but for configuration
	scripts/install.sh uninstall bin

deb: build ## bin/ser_VERSION_ARCH.deb
	scripts/debian/build.sh bin '$(VERSION)'

run: build ## the sample configuration in the foreground, on 127.0.0.1:5060
	bin/ser -f scripts/ser.cfg -DD -E

test: ## every test that needs nothing but Go
	$(GO) test ./...

race: ## the same under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short ./...

lint: ## vet, gofumpt, staticcheck
	$(GO) vet ./...
	@out=$$($(GO) tool $(TOOLS) gofumpt -l cmd supervisor worker shm cfg sip scripts); \
	  if [ -n "$$out" ]; then echo "gofumpt would change:"; echo "$$out"; exit 1; fi
	$(GO) tool $(TOOLS) staticcheck ./...

bench: build ## beside Kamailio, ratios into docs/benchmarks.md
	bin/sipload bench --ser bin/ser --out docs/benchmarks.md

fuzz: ## every fuzz target for T (30s) each
	scripts/fuzz.sh $(T)

interop: build ## against Kamailio, sipp and sipsak
	scripts/interop/run.sh

chaos: build ## LENGTH (5m) of calls while processes are killed and stopped, at four fifths of the maximum or RATE a second
	CHAOS=$(or $(LENGTH),5m) CHAOS_RATE=$(RATE) GOSER_BIN=$(CURDIR)/bin $(GO) test -count=1 -v -timeout 2h -run 'TestChaos$$' ./scripts/interop/robust

soak: build ## LENGTH (10m) of calls at half of the maximum, or RATE a second: memory must not grow
	SOAK=$(or $(LENGTH),10m) SOAK_RATE=$(RATE) GOSER_BIN=$(CURDIR)/bin $(GO) test -count=1 -v -timeout 2h -run 'TestSoak$$' ./scripts/interop/robust

sim: ## N (1000000) transactions over a virtual clock, with loss and deaths; SEED repeats a run
	GOSER_TM_CALLS=$(or $(N),1000000) GOSER_TM_SEED=$(SEED) $(GO) test -count=1 -v -timeout 2h -run 'TestSimulation$$' ./worker/module/tm

kill: ## every scenario of tm with a death at every kill point, every time it is passed (half an hour at worst)
	GOSER_TM_EVERY=1 GOSER_TM_SEED=$(SEED) $(GO) test -count=1 -v -timeout 2h -run 'TestEveryDeath$$' ./worker/module/tm

clean:
	rm -rf bin
