# Everything that is done with Strata by name. Each target installs what it needs and is missing
# (tools/install says what it does and how long that takes); nothing is installed twice.
#
#   make serve   builds the page and serves it with the example platform loaded
#   make test    runs every check
#   make dist    builds the page into dist/, a folder for any static file server
#   make bench   measures the engine
#   make fuzz    feeds the engine nonsense for TIME=60 seconds

SHELL := /bin/sh
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.tools/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)

PORT ?=
TIME ?= 60
PAGE_SOURCES := $(shell find www src examples tools/build-page tools/finish-page tools/pack Cargo.toml Cargo.lock Trunk.toml -type f -not -path '*/target/*' 2>/dev/null)

.PHONY: serve dist test fuzz bench format clean

serve: dist/index.html
	@cargo build --quiet --release --locked -p serve
	@target/release/serve dist $(PORT)

dist: dist/index.html

dist/index.html: $(PAGE_SOURCES)
	@tools/install page
	@tools/step "Building the page in release mode (2 to 10 minutes from nothing)" tools/build-page
	@touch $@

test:
	@tools/test

fuzz:
	@tools/fuzz $(TIME)

bench:
	@tools/step "Measuring the engine" cargo bench --locked

format:
	@cargo fmt --all

clean:
	@cargo clean
	@rm -rf dist
