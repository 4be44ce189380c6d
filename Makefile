# Perennial's front door: `make demo` shows it, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
# The environment is current when its stamp bears the checksum of everything it was made from.
STAMP := .venv/.made-from-$(shell cat requirements-dev.lock pyproject.toml | cksum | tr ' ' '-')

CHECKS := check-types check-unit check-web check-format check-lint check-imports check-spelling

# Two workers on two cores. Files stay whole (what they start is shared), in their order: long ones are not last.
IN_TWO := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup check $(CHECKS) web openapi screenshots wheel test test-services property crash simulate power-cut fuzz demo serve bench docs lock fmt

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
	$(BIN)/python -m pytest tests/unit -m "not mutation"

check-spelling:
	$(BIN)/codespell

check-web:
	sh tools/web.sh run check

test: setup web ## set up, then run every test there is
	sh tools/web.sh run test
	$(BIN)/python -m pytest tests $(IN_TWO)

test-services: ## fetch what some tests start: ClickHouse server, PostgreSQL, Chromium, tracking clients (quick when there)
	@sh tools/test_services.sh

property: setup ## the long form of the property tests: random conditions, compiled = evaluator
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest tests/property/test_conditions.py \
		tests/property/test_related_events.py tests/property/test_ranks.py \
		tests/property/test_insight_sequences.py

N ?= 20
SEED ?= 1
crash: setup ## kill -9 the server N times under load (N=20, SEED=1) and reconcile every side
	CRASH_KILLS=$(N) CRASH_SEED=$(SEED) $(BIN)/python -m pytest tests/crash/test_kill.py -s

simulate: setup ## N random stories of journeys (N=20, SEED=1), each killed between two statements and compared
	SIMULATION_SEEDS=$(N) SIMULATION_FIRST=$(SEED) $(BIN)/python -m pytest tests/simulation -n auto

fuzz: setup ## send the server N fuzzed bodies of every protocol (N=20, SEED=1)
	FUZZ_BODIES=$(N) FUZZ_SEED=$(SEED) $(BIN)/python -m pytest tests/fuzz -s

power-cut: setup ## cut the power N times under load: what was not synced is gone (N=20, SEED=1)
	CRASH_CUTS=$(N) CRASH_SEED=$(SEED) $(BIN)/python -m pytest tests/crash/test_power_cut.py -s

web: ## build the console into the package (quick when nothing changed)
	@sh tools/web.sh build

openapi: setup ## write web/openapi.json and the console's types from the API
	$(BIN)/python tools/openapi.py
	sh tools/web.sh run types

screenshots: setup web ## docs/images from a demo's data directory (DEMO=...)
	$(BIN)/python tools/screenshots.py $(DEMO)

wheel: setup web ## the package as it is published, the console inside
	$(BIN)/python -m hatchling build -t wheel

demo: setup ## real data, a live journey and an honest read-out, then the console
	@sh tools/web.sh try
	$(BIN)/perennial demo

serve: setup ## serve the data directory ./perennial-home
	@sh tools/web.sh try
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
