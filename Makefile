# What a person types. Everything runs in .venv, which is made when it is missing and mended when its pins change.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The tests start many processes: where bytecode may not be kept, each would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install demo test check soak planted bench

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP)  ## make .venv with everything in it

demo: $(STAMP)  ## a site in a box and Tieout beside it, in the browser (HEADLESS=1: run through once and stop)
	$(BIN)/tieout demo $(if $(HEADLESS),--headless)

test: $(STAMP)  ## the everyday tests (without browser and long forms)
	$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist worksteal -m "not browser and not long and not soak"

check: $(STAMP)  ## style, types and house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

soak: $(STAMP)  ## for MINUTES=10 on each database: any history of people and faults, then real processes killed
	$(BIN)/python -m tests.system.soak --database both --minutes $(or $(MINUTES),10) --killing 0.2
	$(BIN)/python -m tests.webhooks.fuzz --minutes 3
	$(BIN)/python -m pytest -q -m soak

planted: $(STAMP)  ## plant faults in Tieout, one at a time, and see that the tests find each
	$(BIN)/python -m tests.planted

bench: $(STAMP)  ## count calls, statements, memory and rates against their floors (QUICK=1: without 10,000 records)
	$(BIN)/python -m bench $(if $(QUICK),--quick)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo >&2 "Tieout needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)."; \
		echo >&2 "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo >&2 "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
