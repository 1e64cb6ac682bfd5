# Two commands do everything on a machine with Python 3.11 or newer: make demo, make test.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin

.PHONY: setup demo test check openapi

# Installs what uv.lock pins into .venv; done again only when the lock or project changed.
setup: .venv/.installed

.venv/.installed: uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Tallymark needs Python 3.11 or newer: run make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'
	@$(BIN)/uv sync --quiet --frozen --inexact --compile-bytecode --python $(BIN)/python
	@touch $@

# The whole app on servers of its own, with the sandbox store; Ctrl-C ends it.
demo: setup
	@$(BIN)/tallymark demo

# Style, types, import rules, then all tests on real servers and in a real browser.
test: setup check
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m pytest

check: setup
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

# Writes docs/openapi.json anew from the schemas.
openapi: setup
	@$(BIN)/python -m tests.security.api_document
