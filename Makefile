# `make help` says what there is. Everything sets itself up: a machine needs Python 3.11+, make and git.

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help demo test lint unit proofs bench browser files ready clean

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

demo: ready ## the whole story: a system is green, a drill breaks and mends a copy, a profile loads it, pages say so
	@systems/deal-scout/demo.sh

test: lint unit ## what everybody runs before a commit: at most 10 minutes

lint: .venv/ready ## style, types
	ruff check .
	ruff format --check .
	mypy

unit: ready browser ## every test but the long ones, two at a time
	pytest tests -m "not proof and not bench" -n 2 --dist loadfile

proofs: ready browser ## what takes longer: other Pythons, healthy runs in a row, more fuzzing
	pytest tests -m proof -n 2 --dist loadfile

bench: ready ## what the engine costs and the load generator does, measured side by side in one run
	python tests/bench/engine.py
	python tests/bench/page.py
	python tests/bench/load.py
	pytest tests/generator -m bench --capture=no --quiet

browser: ## a headless Chromium for the tests of the report page
	@tests/browser.sh

files: .venv/ready ## write FILES.md anew, from what the files say of themselves
	python tests/files_page.py

ready: .venv/ready ## the virtual environment, the container engine, the images
	@drillbook doctor --fix

.venv/ready: pyproject.toml constraints.txt
	@./set-up.sh "$(PYTHON)"
	@touch $@

clean: ## remove what runs and builds have written
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
