# Perennial's front door: `make demo` shows it, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
# The environment is current when its stamp bears the checksum of everything it was made from.
STAMP := .venv/.made-from-$(shell cat requirements-dev.lock pyproject.toml | cksum | tr ' ' '-')

CHECKS := check-types check-unit check-format check-lint check-imports check-spelling

.DEFAULT_GOAL := help
.PHONY: help setup check $(CHECKS) test test-services property crash demo serve bench docs lock fmt

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv from the lock (quick when nothing changed)

$(STAMP):
	@PYTHON="$(PYTHON)" sh tools/setup.sh
	@rm -f .venv/.made-from-* && touch $@

# Two at a time, on two cores; each part's output stays together.
check: setup ## everything that needs no engine: format, lint, types, import laws, unit tests and docs, spelling
	@$(MAKE) --no-print-directory -j2 --output-sync=target $(CHECKS)

check-format:
	$(BIN)/ruff format --check .

check-lint:
	$(BIN)/ruff check .

check-types:
	$(BIN)/pyright --warnings

check-imports:
	$(BIN)/lint-imports --no-cache

check-unit:
	$(BIN)/python -m pytest tests/unit

check-spelling:
	$(BIN)/codespell

test: setup ## set up, then run every test there is
	$(BIN)/python -m pytest tests

test-services: ## start the services some tests need (this version needs none)
	@echo "Nothing to start: every engine of this version (SQLite, embedded chDB, a local mail sink) runs in the process."

property: setup ## the long form of the property tests: random conditions, compiled = evaluator
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest tests/property/test_conditions.py

N ?= 20
crash: setup ## kill -9 the server N times under load (N=20) and reconcile every side
	CRASH_KILLS=$(N) $(BIN)/python -m pytest tests/crash -s

demo: setup ## real data, a live journey and an honest read-out, then a serving API
	$(BIN)/perennial demo

serve: setup ## serve the data directory ./perennial-home
	$(BIN)/perennial serve

bench: setup ## run the benchmarks and print their numbers
	$(BIN)/python -m benchmarks

docs: setup ## regenerate docs/reference
	$(BIN)/python tools/docs.py

lock: setup ## choose versions anew and write the locks
	$(BIN)/python tools/lock.py --upgrade

fmt: setup ## format and repair what ruff can
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
