# Two commands do everything on a machine with Python 3.11 or newer: make demo, make test.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin

# The app and its tests start processes by the hundred: none is to compile everything anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: setup demo test check extensions openapi schema audit sbom fuzz chaos bench scaling machine

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
demo: setup extensions
	@$(BIN)/tallymark demo

# Style, types, import rules, then all tests on real servers and in a real browser, by two
# processes with servers of their own: much of the time is waiting for faults to heal.
test: setup check
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m storefront_widget.assemble
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# Looks for secrets by shape alone; nothing is asked of anybody, nothing found is shown.
SECRETS := --quiet --redact --no-validate --no-update-check --git-history none \
	--rule-cache-dir .venv/kingfisher --exclude .venv --exclude .tallymark --exclude node_modules --exclude '.*_cache'

check: setup
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/kingfisher scan $(SECRETS) . > .venv/secrets.txt 2>&1 || \
		{ cat .venv/secrets.txt; echo 'A secret seems to be in the tree' >&2; exit 1; }

# Puts the extensions together, for `shopify app deploy` and the sandbox store; needs npm.
extensions: setup
	@$(BIN)/python -m storefront_widget.assemble

# Writes docs/openapi.json anew from the schemas.
openapi: setup
	@$(BIN)/python -m tests.security.api_document

# Compares the sandbox's Admin schema with Shopify's own, an introspection in the file FROM,
# and keeps that they agree: make schema FROM=admin_2026-10.json.gz
schema: setup
	@$(BIN)/python -m tests.app.sandbox.admin_schema '$(FROM)'

# Known weaknesses of what uv.lock pins; needs pypi.org, and says so if it is away.
audit: setup
	@$(BIN)/python .ci/audit.py

# Lists all that an installation has in it, by uv.lock, as CycloneDX: for whoever has to know.
sbom: setup
	@$(BIN)/uv export --frozen --quiet --no-dev --format cyclonedx1.5 --output-file sbom.json

# Fuzzes the translation of bodies for FUZZ_S seconds; what it finds is kept in the folder.
FUZZ_S ?= 300
fuzz: setup
	@mkdir -p .hypothesis/fuzz
	@$(BIN)/python -m tests.security.fuzz_bodies -max_total_time=$(FUZZ_S) -len_control=0 \
		-artifact_prefix=.hypothesis/fuzz/ .hypothesis/fuzz

# Breaks a running copy on purpose, a quarter of an hour long: make chaos SEED=2 DELIVERIES=1000
# tries other faults, a tenth of them; make chaos MINUTES=60 goes on for an hour. All figures
# go to chaos-report.json.
SEED ?= 1
DELIVERIES ?= 10000

chaos: setup
	@$(BIN)/python -m tests.faults.chaos --seed $(SEED) --size $(DELIVERIES) $(MINUTES:%=--minutes %)

# Speed against baselines of the same run, in a quarter of an hour: all, or one with
# ONLY=settle; SIZE=quick is rough and keeps nothing. Results go to docs/performance.md.
bench: setup
	@$(BIN)/python -m tests.benchmarks $(ONLY:%=--only=%) $(SIZE:%=--size=%)

# What only several machines have, in small: a pooler, standbys, automatic failover. Needs
# `apt-get install pgbouncer etcd-server`, and leaves out what is missing.
scaling: setup
	@test -x .venv/patroni/bin/patroni || { $(BIN)/python -m venv .venv/patroni && \
		.venv/patroni/bin/pip install --quiet --disable-pip-version-check \
		'patroni[etcd3]==4.1.5' 'psycopg[binary]>=3.3.9'; }
	@$(BIN)/python -m pytest -m scaling -s -rs tests/scaling

# Random lives of two stores, others each time: make machine EXAMPLES=1000
EXAMPLES ?= 300
machine: setup
	@MACHINE_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/workers/machine
