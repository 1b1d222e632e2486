# `make` lists the targets. Needs Python 3.11 or newer and make; everything else goes into .venv from hashed locks.

PYTHON ?= python3
PORT ?= 8000
export PORT

BIN := $(CURDIR)/.venv/bin
PIP_INSTALL := "$(BIN)/python" -m pip install -qq --disable-pip-version-check
CHROMIUM ?= /usr/bin/chromium
PYTEST_ARGS ?=

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run test check lint bench lock fmt translations clean browser

help: ## this list
	@echo "Coord: one child, one timeline."
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  make run DEMO=no starts an empty clinic and says how its first administrator gets in."
	@echo "  make run honours PORT (8000), COORD_DATA (./var) and COORD_DATABASE_URL (SQLite files in COORD_DATA)."
	@echo "  make test honours PYTEST_ARGS, such as PYTEST_ARGS='tests/domain -x'."

run: .venv/runtime.stamp ## start web and follower on http://localhost:$PORT, with demonstration children if empty
	@export PATH="$(BIN):$$PATH"; coord release && coord serve --check && $(if $(filter no,$(DEMO)),true,coord demo --if-empty) \
	  && exec honcho start web worker

test: .venv/dev.stamp browser ## every test, on SQLite and on real PostgreSQL, in a real browser
	@COORD_CHROMIUM="$(CHROMIUM)" "$(BIN)/python" -m pytest -n auto --maxprocesses=4 --dist=loadfile $(PYTEST_ARGS)

check: lint test ## everything: style, types, import contracts, tests

lint: .venv/dev.stamp
	@"$(BIN)/ruff" check
	@"$(BIN)/ruff" format --check
	@"$(BIN)/mypy"
	@"$(BIN)/lint-imports" --no-logo

bench: .venv/dev.stamp ## the speed figures of docs/benchmarks.md
	@"$(BIN)/python" -m bench

fmt: .venv/dev.stamp ## put the code into the house style
	@"$(BIN)/ruff" check --fix --quiet; "$(BIN)/ruff" format

UV_COMPILE = "$(BIN)/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

lock: .venv/dev.stamp ## write the locks anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@$(UV_COMPILE) pyproject.toml --group build --output-file requirements.lock
	@$(UV_COMPILE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
	@$(UV_COMPILE) --group build --constraint requirements.lock --output-file requirements-build.lock

translations: .venv/dev.stamp ## bring the Italian catalogue up to the code
	@"$(BIN)/python" -m tools.translations

clean: ## remove .venv and caches, never data
	@rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find coord tests -name __pycache__ -type d -prune -exec rm -rf {} +

# What is not in a hashed lock is not fetched, not even to build: the build tool comes first, by hash; wheels only, but for
# Flask-Principal, which publishes none; and Coord itself is installed in place, without dependencies.
INSTALL_LOCK := $(PIP_INSTALL) --require-hashes --no-build-isolation --only-binary :all: --no-binary flask-principal -r

.venv/runtime.stamp: requirements.lock requirements-build.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Coord needs Python 3.11 or newer; set PYTHON=")'
	@test -x "$(BIN)/pip" || { echo "Making .venv (once) ..."; "$(PYTHON)" -m venv .venv; }
	@$(INSTALL_LOCK) requirements-build.lock
	@$(INSTALL_LOCK) requirements.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@echo "Adding the tools for tests and checks to .venv (once) ..."
	@$(INSTALL_LOCK) requirements-dev.lock
	@touch $@

browser:
	@test -x "$(CHROMIUM)" || { \
	  install="apt-get update && apt-get install -y chromium"; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests (once) ..."; \
	    log=$$(mktemp); export DEBIAN_FRONTEND=noninteractive; \
	    sh -c "$$install" >"$$log" 2>&1 </dev/null || { tail -n 20 "$$log"; rm -f "$$log"; exit 1; }; rm -f "$$log"; \
	  else \
	    echo "The browser tests need Chromium. Run: sudo sh -c '$$install'"; \
	    echo "or name another one: make test CHROMIUM=/path/to/chromium"; exit 1; \
	  fi; }
