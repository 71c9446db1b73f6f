# Everything here sets itself up: `make demo` and `make test` need git, make and Python 3.11 or newer, no more.
# A second run is quick: .venv/.stamp-* remember which lock was installed.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PORT ?= 8000
ARGS ?=
UPGRADE ?=

VENV := .venv
BIN  := $(VENV)/bin
PY   := $(BIN)/python
OURS := integrations scheduler templates store webhooks console api wenhou tests

# The first Python that is new enough and can make an environment; PYTHON=… overrides it.
PYTHON ?=
CANDIDATES := $(PYTHON) python3.13 python3.12 python3.11 python3 python
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

PIP_FLAGS := --quiet --disable-pip-version-check --no-input

##@ Use it

demo: $(VENV)/.stamp-run ## Start a pretend bank at http://127.0.0.1:8000 (PORT=8000, ARGS="--customers 200")
	$(BIN)/wenhou demo --port $(PORT) $(ARGS)

setup: $(VENV)/.stamp-dev ## Make .venv with everything needed to develop

##@ Check it

test: $(VENV)/.stamp-dev ## Run every test (ARGS="-k name" narrows it)
	$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

check: lint types imports locks test ## What CI runs: lint, types, imports, locks, tests

lint: $(VENV)/.stamp-dev ## Lint and check the formatting
	$(BIN)/ruff check $(OURS)
	$(BIN)/ruff format --check $(OURS)

types: $(VENV)/.stamp-dev ## Check the types (mypy strict)
	$(BIN)/mypy

imports: $(VENV)/.stamp-dev ## Check who imports whom (docs/adr/0001)
	$(BIN)/lint-imports --no-logo

locks: $(VENV)/.stamp-dev ## Check that the locks fit pyproject.toml and name no address
	$(PY) -m pytest -q tests/architecture/test_locks.py

browser: $(VENV)/.stamp-dev ## Run only the tests in a real Chromium
	$(PY) -m pytest tests/browser $(ARGS)

crash: $(VENV)/.stamp-dev ## Kill a sender at every labelled point and count what is lost or doubled
	$(PY) -m tests.crash $(ARGS)

bench: $(VENV)/.stamp-run ## Measure (ARGS="dispatch" for one of them)
	$(BIN)/wenhou bench $(ARGS)

##@ Change it

format: $(VENV)/.stamp-dev ## Format the code and mend what ruff can mend
	$(BIN)/ruff format $(OURS)
	$(BIN)/ruff check --fix $(OURS)

hooks: $(VENV)/.stamp-dev ## Check before each commit (installs the pre-commit hook)
	$(BIN)/pre-commit install

lock: $(VENV)/.stamp-dev ## Write the locks anew from pyproject.toml (UPGRADE=1 takes the newest versions)
	@set -e; lock() { \
	  UV_SYSTEM_CERTS=1 $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    $(if $(UPGRADE),--upgrade) "$$@"; }; \
	lock --group build -o requirements-build.lock; \
	lock pyproject.toml -o requirements.lock; \
	lock pyproject.toml --group dev -c requirements.lock -c requirements-build.lock -o requirements-dev.lock
	@echo "The locks are written. Run make check before committing them."

wheel: $(VENV)/.stamp-dev ## Build the wheel into dist/
	$(PY) -m build --no-isolation --wheel

clean: ## Remove the environment, builds and caches (keeps var/, where your data is)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find $(OURS) -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Print this help
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo setup test check lint types imports locks browser crash bench format hooks lock wheel clean help

# An environment that still runs is kept; a missing or broken one is made anew.
$(VENV)/.stamp-python:
	@set -e; \
	$(PY) -c '$(SUITABLE)' >/dev/null 2>&1 && { touch $@; exit 0; }; \
	for python in $(CANDIDATES); do \
	  "$$python" -c '$(SUITABLE)' >/dev/null 2>&1 || continue; \
	  echo "Making $(VENV) with $$("$$python" --version 2>&1)."; \
	  rm -rf $(VENV); "$$python" -m venv $(VENV); touch $@; exit 0; \
	done; \
	echo "Wenhou needs Python 3.11 or newer with its venv module; none was found on PATH." >&2; \
	echo "Install one (Debian: apt install python3-venv), or say which: make PYTHON=/path/to/python3." >&2; \
	exit 1

# $(call install,LOCK): the pinned and hashed packages, then ourselves from the tree. Building tools come first, from
# their own lock, so that nothing is ever fetched unpinned to build a package that is published as source only.
# uv is used when it is there, with the system's certificates, as a bank's proxy may need; where it cannot reach the index
# (it does not read pip.conf), pip does the work.
define install
	@echo "Installing $$(grep -c == $(1)) pinned packages; once, about half a minute."
	@set -e; \
	pip_install() { \
	  { command -v uv >/dev/null 2>&1 && UV_SYSTEM_CERTS=1 uv pip install --quiet --python $(PY) "$$@" 2>/dev/null; } || \
	  $(PY) -m pip install $(PIP_FLAGS) "$$@"; }; \
	pip_install --require-hashes -r requirements-build.lock; \
	pip_install --require-hashes --no-build-isolation -r $(1)
	@$(PY) -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation --no-index -e .
endef

$(VENV)/.stamp-run: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/.stamp-python
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.lock requirements-build.lock pyproject.toml | $(VENV)/.stamp-python
	$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.stamp-run
