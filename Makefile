# `make help` says what there is. Everything sets itself up: a machine needs Python 3.11+, make and git.

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Where an environment says so, every start would compile anew all that it imports.
unexport PYTHONDONTWRITEBYTECODE
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help demo test lint unit proofs red repeated fuzz bench browser files docs ready clean

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

demo: ready ## the whole story: a system is green, a drill breaks and mends a copy, a profile loads it, pages say so
	@systems/deal-scout/demo.sh

test: lint unit ## what everybody runs before a commit: ten minutes

lint: .venv/ready ## style, types
	ruff check .
	ruff format --check .
	mypy

# tests/spread.py says which worker takes which test. Four of them: those with a copy of a system mostly wait.
SPREAD := --dist loadfile --no-loadscope-reorder

unit: ready browser ## every test but the long ones, a few at a time
	pytest tests -m "not proof and not red and not bench" -n 4 $(SPREAD)

# Each of these is alone. The twins have two copies: beside those of another test no round is over in time on two cores.
# The busy machine has a load of its own, and a client that looks at the same moments as we do.
ALONE := tests/drills/test_twins.py tests/live/test_busy.py

proofs: ready browser ## what takes longer: other Pythons, parts of the stand-ins, healthy runs in a row, more fuzzing
	pytest $(ALONE) -m proof
	pytest tests -m proof -n 2 $(SPREAD) $(ALONE:%=--ignore=%)

red: ready ## every limit of every system, red on a copy where something real is wrong, and nothing else
	pytest tests/systems -m "proof or red" -n 2 $(SPREAD)

repeated: ready ## the tests of a real copy, on one copy 20 times in turn while every core is busy
	pytest tests/live -m "not proof" --times 20

fuzz: ready ## every property, with examples that no run has tried before
	pytest tests -m hypothesis --hypothesis-profile fuzz -n 2

bench: ready ## what the engine costs and the load generator does, measured side by side in one run
	python tests/bench/engine.py
	python tests/bench/page.py
	python tests/bench/load.py
	pytest tests/load/generator -m bench --capture=no --quiet
	pytest tests/probes/signals -m bench --quiet
	python tests/bench/start.py
	python tests/bench/busy.py

browser: ## a headless Chromium for the tests of the report page
	@tests/browser.sh

files: .venv/ready ## write FILES.md anew, from what the files say of themselves
	python tests/files_page.py

docs: .venv/ready ## write docs/ anew, from what models, limits and questions say of themselves
	python -m drillbook.reference.pages

ready: .venv/ready ## the virtual environment, the container engine, the images
	@drillbook doctor --fix

.venv/ready: pyproject.toml constraints.txt
	@./set-up.sh "$(PYTHON)"
	@touch $@

clean: ## remove what runs and builds have written
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
