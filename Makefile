# make run    tests the embedded emulator; make run ARGS="--endpoint URL ..." tests yours
# make check  lint, types, and the tests that need no socket, process or whole run: after each edit
# make test   lint, types, the project's own tests, and a sample of the proof: each fault on one base
# make prove  the whole proof: every fault on every base, and every conforming variant
# make bench  measures, and writes reports/bench.md
# make mutants  changes the oracle in 300 places, sees whether a test notices, and writes reports/mutants.md
# make docs   builds the documentation as a site, strictly, in build/site
# make dist   builds wheel and sdist, checks them, and runs the wheel in a bare environment; no part of make test
#
# Another Python gets an environment of its own: make check PYTHON=python3.13 VENV=.venv-3.13

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
# Tests that start processes wait for them: two of each core's are under way, beside the proof.
WORKERS ?= $(shell $(BIN)/python -c 'import os; print(2 * (os.cpu_count() or 1))')

.PHONY: run check test tests rewritten sample beside prove lint format generate docs bench mutants dist clean

run: $(VENV)/ready
	$(BIN)/csbs-conformance run $(ARGS)

# Bytecode is kept, out of the tree, whatever the environment says: it is a third of a start.
KEPT := check test tests rewritten sample beside prove mutants
$(KEPT): export PYTHONDONTWRITEBYTECODE :=
$(KEPT): export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache

# A tenth of the examples of each property: `make test` tries all.
check: export HYPOTHESIS_PROFILE ?= quick
check: lint
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not socket and not process and not run' $(ARGS)

# Lint and the rewriting of tests go side by side, and then the tests and the sample of the proof.
test: $(VENV)/ready-dev
	$(MAKE) --jobs 2 lint rewritten
	$(MAKE) --jobs 2 tests beside

tests: $(VENV)/ready-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# pytest rewrites the tests' modules: once, and not in each of its workers.
rewritten: $(VENV)/ready-dev
	-@$(BIN)/python -m pytest --collect-only $(ARGS) > /dev/null

sample: $(VENV)/ready-dev
	$(BIN)/csbs-conformance prove --sample --report-dir reports/latest

# The sample takes only what the tests leave of the cores; what it says comes in one piece.
beside: $(VENV)/ready-dev
	@nice -n 19 $(MAKE) --no-print-directory sample > $(VENV)/sample.log 2>&1; code=$$?; cat $(VENV)/sample.log; exit $$code

prove: $(VENV)/ready-dev
	$(BIN)/csbs-conformance prove --report-dir reports/latest

lint: $(VENV)/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: $(VENV)/ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Every generated file: documentation, matrix, reference report. ARGS=--pages writes the first alone.
generate: $(VENV)/ready-dev
	$(BIN)/python -m tools.generate $(ARGS)

docs: $(VENV)/ready-dev
	$(BIN)/python -m tools.site

bench: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks

mutants: $(VENV)/ready-mutants
	$(BIN)/python -m tools.mutants $(ARGS)

# The time of the last commit stands for that of every file, so that one commit gives the same bytes.
dist: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
dist: $(VENV)-dist/ready
	rm -rf dist $(VENV)-bare
	$(VENV)-dist/bin/python -m build --outdir dist .
	$(VENV)-dist/bin/twine check --strict dist/*
	$(VENV)-dist/bin/check-wheel-contents dist/*.whl
	$(PYTHON) -m venv $(VENV)-bare
	$(VENV)-bare/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt dist/*.whl
	cd $(VENV)-bare && bin/csbs-conformance run --report-dir report --quiet

$(VENV)-dist/ready:
	$(PYTHON) -m venv $(VENV)-dist
	$(VENV)-dist/bin/python -m pip install --quiet --disable-pip-version-check build check-wheel-contents twine
	touch $@

clean:
	rm -rf build dist .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

# Whoever names a Python gets that one, and not the one that an environment was once made with.
ifneq ($(origin PYTHON),file)
SAME := same-python
endif
.PHONY: same-python
same-python: $(VENV)/bin/python
	@version='import sys; print(*sys.version_info[:2], sep=".")'; \
	asked=$$($(PYTHON) -c "$$version") && there=$$($(BIN)/python -c "$$version") || exit 2; \
	[ "$$asked" = "$$there" ] || { \
	  echo "$(VENV) is of Python $$there, not $$asked: add VENV=.venv-$$asked, or make clean first" >&2; \
	  exit 2; }

# Planning once draws the generated requests and builds Hypothesis' Unicode tables, for all runs.
$(VENV)/ready: $(VENV)/bin/python pyproject.toml constraints.txt | $(SAME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[watch]'
	$(BIN)/csbs-conformance plan > /dev/null
	touch $@

$(VENV)/ready-mutants: $(VENV)/ready-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[mutants]'
	touch $@

$(VENV)/ready-dev: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
