# What a newcomer needs: make demo, make test, make lab, make check.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test check lint types layers lab lock clean help

help:
	@echo "make demo   a demo company, from its CRM exports to the weekly edition"
	@echo "make test   all tests"
	@echo "make check  lint, types, import layers, tests"
	@echo "make lab    JupyterLab on notebooks/explore.ipynb"

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "funnel needs Python 3.11, 3.12 or 3.13; found $$($(PYTHON) --version 2>&1). Name one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv is missing. On Debian or Ubuntu: sudo apt-get install -y python3-venv make git"; exit 1; }
	@echo "Setting up .venv from requirements.lock (about two minutes, once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP)
	@$(BIN)/funnel demo

test: $(STAMP)
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: lint types layers test

lint: $(STAMP)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/mypy

layers: $(STAMP)
	@$(BIN)/lint-imports

lab: $(STAMP)
	@$(BIN)/jupyter lab --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate notebooks/explore.ipynb

lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --no-emit-index-url \
		--no-emit-find-links --generate-hashes --no-header --no-annotate --output-file requirements.lock

clean:
	rm -rf data/demo data/truth data/landed data/*.duckdb data/.*.lock reports/2* reports/.2*
