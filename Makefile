# Lockgate. Every target does its own set-up on a bare machine; `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
SOURCES := workflows activities workers starters infra
PY := $(SOURCES) tests bench examples tools

.PHONY: help setup demo demo-environments dev down test test-fast e2e check lint fix bench bench-judge bench-environments docs histories \
	wire-lock screenshots lock changelog

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup:
	@tools/setup

demo: setup ## a real system: good goes to 100 %, errors, slowness and lost orders go back, silence is held
	@$(BIN)/python -m examples.shop.demo

demo-environments: setup ## environments on an AWS emulator: warned, extended, held, drifted, orphaned, torn down
	@$(BIN)/python -m examples.environments.demo

dev: setup ## the local stack, left running, with its addresses and a first command to try
	@$(BIN)/lockgate dev up

down: setup ## stop the local stack
	@$(BIN)/lockgate dev down

test: setup ## every test: unit, engine, contract, architecture, replay, end to end
	@tools/test

test-fast: setup ## the tests that need no server, in seconds
	@$(BIN)/python -m pytest -m unit

e2e: setup ## real processes, real traffic, kill -9
	@$(BIN)/python -m pytest -m e2e

check: lint test ## what CI runs: format, lint, types, import contracts, tests

lint: setup ## format, lint, types, spelling, import contracts; changes nothing
	@$(BIN)/ruff format --check --quiet $(wildcard $(PY))
	@$(BIN)/ruff check --quiet $(wildcard $(PY))
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/codespell $(SOURCES) docs README.md CONTRIBUTING.md changes
	@$(BIN)/lint-imports

fix: setup ## format, and mend what the linter can mend
	@$(BIN)/ruff format $(wildcard $(PY))
	@$(BIN)/ruff check --fix $(wildcard $(PY))

bench: setup ## orchestration against a bare Temporal workflow of the same shape
	@$(BIN)/python -m bench.floor

bench-judge: setup ## the canary judge on labelled cases, beside Argo's, Flagger's and Kayenta's
	@$(BIN)/python -m bench.judge

bench-environments: setup ## 200 environments that expire at once, on one worker, at a declared API rate
	@$(BIN)/python -m bench.environments

docs: setup ## write the reference pages that are generated from code
	@$(BIN)/python -m starters.pages.schema
	@$(BIN)/python -m starters.pages.reference

histories: setup ## record a history for every path of every story, for the replay tests
	@$(BIN)/python -m pytest tests/engine --record-histories -q

wire-lock: setup ## accept the present messages as the wire format
	@$(BIN)/python -m tools.wire_lock

screenshots: setup ## pictures of the Temporal UI for the docs, from a running stack
	@$(BIN)/python -m tools.screenshots

lock: setup ## resolve the dependencies anew, with hashes and without addresses
	@$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 requirements/setup.in -o requirements/setup.lock
	@$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 pyproject.toml --group local --group dev -o requirements/dev.lock
	@$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 requirements/emulator.in -o requirements/emulator.lock

changelog: setup ## build CHANGELOG.md from the fragments in changes/
	@$(BIN)/towncrier build --yes
