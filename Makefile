# make run    tests the embedded emulator; make run ARGS="--endpoint URL ..." tests yours
# make check  lint, types, and the tests that need no socket and no process: after each edit
# make test   lint, types, the project's own tests, and the proof against faults and variants
# make bench  measures, and writes reports/bench.md

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Tests that start processes wait for them: two of each core's are under way.
WORKERS ?= $(shell $(BIN)/python -c 'import os; print(2 * (os.cpu_count() or 1))')

.PHONY: run check test lint format generate bench clean

run: .venv/ready
	$(BIN)/csbs-conformance run $(ARGS)

# Bytecode is kept, out of the tree, whatever the environment says: it is a third of a start.
check test: export PYTHONDONTWRITEBYTECODE :=
check test: export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/pycache

check: lint
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not socket and not process' $(ARGS)

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)
	$(BIN)/csbs-conformance prove --report-dir reports/latest

lint: .venv/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: .venv/ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Every generated file: documentation, matrix, reference report. ARGS=--pages writes the first alone.
generate: .venv/ready-dev
	$(BIN)/python -m tools.generate $(ARGS)

bench: .venv/ready-dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv

# Planning once draws the generated requests and builds Hypothesis' Unicode tables, for all runs.
.venv/ready: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	$(BIN)/csbs-conformance plan > /dev/null
	touch $@

.venv/ready-dev: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
