# `make` alone lists the targets. Everything works in a fresh clone on Debian 12 that has nothing but Swift and make.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PREFIX ?= /usr/local
CONFIGURATION ?= debug
TOOLS := sipsak sipgrep harv miniproxy

# What the build links, and the real peers that the tests talk to.
BUILD_PACKAGES := libpcap-dev libpcre2-dev zlib1g-dev libzstd-dev liblzma-dev libc-ares-dev libsqlite3-dev libmariadb-dev libexpat1-dev \
    libncurses-dev
TEST_PACKAGES := sip-tester kamailio sipsak ngrep baresip-core linphone-cli tshark mariadb-server dnsmasq-base openssl tmux \
    iproute2 nftables tcpreplay zstd xz-utils python3 python3-jsonschema python3-websockets procps
BENCH_PACKAGES := sip-tester kamailio valgrind libosip2-dev procps

SWIFT_FILES := Package.swift Sources Tests
RELEASE := scripts/build-release

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps test-deps bench-deps
deps: ## install the libraries that the build needs, where missing
	@scripts/install-packages $(BUILD_PACKAGES)
test-deps: deps
	@scripts/install-packages --optional $(TEST_PACKAGES)
bench-deps: deps
	@scripts/install-packages --optional $(BENCH_PACKAGES)

.PHONY: build
build: deps ## build all (CONFIGURATION=release for a fast one)
	$(if $(filter release,$(CONFIGURATION)),$(RELEASE),swift build --configuration $(CONFIGURATION))

.PHONY: test
test: test-deps ## install test peers, build, run all suites
	swift build --build-tests
	@set -o pipefail; log=$$(mktemp); status=0; \
	swift test --skip-build 2>&1 | tee $$log || status=1; \
	Tests/EndToEnd/run 2>&1 | tee -a $$log || status=1; \
	echo; echo "unit tests:  $$(grep -E 'Test run with [0-9]+ tests' $$log | tail -1)"; \
	echo "end to end:  $$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$$' $$log | tail -1)"; \
	tail -1 $$log | grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$$' || status=1; \
	rm -f $$log; exit $$status

.PHONY: check
check: deps ## formatting, warnings as errors, arrows, unit tests
	swift format lint --strict --recursive --parallel $(SWIFT_FILES)
	scripts/check-arrows
	SIPKIT_STRICT=1 swift build --build-tests --scratch-path .build/strict
	SIPKIT_STRICT=1 swift test --skip-build --scratch-path .build/strict

.PHONY: e2e
e2e: test-deps ## run the tools against real peers on loopback (ONLY=name for one scenario)
	swift build
	Tests/EndToEnd/run $(ONLY)

.PHONY: demo
demo: deps ## two proxies, two users, a traced path, a call: half a minute on real traffic
	swift build
	@scripts/demo.sh

.PHONY: bench
bench: bench-deps ## what a call costs, beside Kamailio (prints ratios)
	$(RELEASE)
	Benchmarks/compare-proxies

.PHONY: fuzz
fuzz: deps ## feed the parsers bytes that nobody would write (SECONDS_EACH=20)
	scripts/fuzz $(or $(SECONDS_EACH),20)
	scripts/fuzz-trace $(or $(SECONDS_EACH),20)

.PHONY: profile
profile: bench-deps ## count anew what release builds are arranged by (TOOL=harv for one)
	scripts/profile $(TOOL)

.PHONY: bench-check
bench-check: bench-deps ## allocations and instructions of the library against Benchmarks/thresholds.tsv
	scripts/bench-check

.PHONY: install
install: deps ## build for release and install the tools under PREFIX
	$(RELEASE)
	install -d $(DESTDIR)$(PREFIX)/bin
	for tool in $(TOOLS); do \
	    install -s -m 755 $$($(RELEASE) --show-bin-path)/$$tool $(DESTDIR)$(PREFIX)/bin/ || exit 1; \
	done
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(DESTDIR)$(PREFIX)/bin/sipsak --man >$(DESTDIR)$(PREFIX)/share/man/man1/sipsak.1
	$(DESTDIR)$(PREFIX)/bin/sipsak --completions bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/sipsak
	$(DESTDIR)$(PREFIX)/bin/sipsak --completions zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_sipsak
	$(DESTDIR)$(PREFIX)/bin/sipsak --completions fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/sipsak.fish

.PHONY: clean
clean: ## remove what was built
	rm -rf .build
