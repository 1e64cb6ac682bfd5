# Two commands do everything on a machine with Python 3.11 or newer: make demo, make test.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin

.PHONY: setup demo test

# Installs what uv.lock pins into .venv; done again only when the lock or the project file changed.
setup: .venv/.installed

.venv/.installed: uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Tallymark needs Python 3.11 or newer: run make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'
	@$(BIN)/uv sync --quiet --frozen --inexact --python $(BIN)/python
	@touch $@

demo: setup
	@$(BIN)/tallymark demo

test: setup
	@$(BIN)/python -m pytest
