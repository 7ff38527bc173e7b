# SPDX-License-Identifier: Apache-2.0
# `make help` prints the lines marked with ##.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test fast audit torture simulate fuzz-api check format examples client vendor messages fuzz docs bench scale bench-search bench-streaming bench-panel clean
DATA ?= data
WORKERS ?= auto
# Tests start many processes of ours: each would compile all of it again.
export PYTHONDONTWRITEBYTECODE =

help: ## print this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv and install what serving needs (a minute the first time)
	@scripts/setup run

setup-dev: setup
	@scripts/setup dev

run: setup ## serve https://localhost:8443 with the demo business (ARGS="--port 9443 ..." for more)
	@.venv/bin/regulars serve --demo --data "$(DATA)" $(ARGS)

test: setup-dev ## run all tests, in parallel, on a PostgreSQL of their own (or on the one of DATABASE_URL)
	.venv/bin/pytest -n $(WORKERS) --dist worksteal $(ARGS)

fast: setup-dev ## run the tests of the pure rules, of the protocol and of the tree (seconds)
	.venv/bin/pytest -q -n 0 -x --durations=0 --durations-min=1 tests/tidy tests/protocol $(wildcard tests/*/test_rules.py)

torture: setup-dev ## 100,000 mixed calls from 32 tills, while workers, PostgreSQL and the whole service are killed
	REGULARS_TORTURE_CALLS=100000 .venv/bin/pytest -q -n 0 -s tests/torture $(ARGS)

simulate: setup-dev ## 2,000 lives of tills whose network, server and clock fail, each from its seed (ARGS="--seed 7" repeats one)
	.venv/bin/python -m tests.simulation $(ARGS)

fuzz-api: setup-dev ## 20,000 requests made from the OpenAPI document by schemathesis, each answer held against it
	REGULARS_FUZZ_CASES=20000 .venv/bin/pytest -q -n 0 -s -p no:randomly tests/reference/test_fuzz.py $(ARGS)

check: setup-dev ## lint, format, types, import directions, tidiness
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy src tests/conftest.py tests/factories.py
	.venv/bin/lint-imports
	.venv/bin/pytest -q -n 0 --noconftest --durations=0 --durations-min=1 tests/tidy

audit: setup-dev ## what a server is made of (build/sbom.json, CycloneDX), and what is known against it (pip-audit)
	@.venv/bin/python scripts/audit

format: setup-dev ## format all code and mend what can be mended by itself
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

examples: setup-dev ## write the examples of the contract again (tests/contract; review the difference)
	REGULARS_WRITE_EXAMPLES=1 .venv/bin/pytest -q -n 0 tests/contract
	@git status --short tests/contract

fuzz: setup-dev ## a million inputs against everything that reads what callers send (ARGS="--runs 10000", "--atheris")
	.venv/bin/python -m tests.fuzz $(ARGS)

client: setup-dev ## write regulars.client's calls and errors again from what the server declares
	DATABASE_URL=postgresql:///nowhere .venv/bin/python -m regulars.api.client_source

vendor: ## fetch what the panel serves of others' work again, as src/regulars/panel/vendor.toml says (needs npm)
	@.venv/bin/python scripts/vendor

messages: setup-dev ## bring the panel's catalogues up to date with its texts (LANGUAGES="es fr" begins new ones)
	@.venv/bin/python -m regulars.panel.catalogue $(LANGUAGES)

docs: setup ## write the reference of the API as files to build/docs (the server has it at /docs/api)
	.venv/bin/python -m regulars.api.reference build/docs

bench: setup-dev ## measure sales and look-ups against PostgreSQL alone and against an ORM
	.venv/bin/python -m benchmarks $(ARGS)

scale: setup-dev ## load 1,000,000 customers and 20,000,000 entries into build/, and verify the books (SCALE=0.02 for a quick look)
	.venv/bin/python -m benchmarks.scale

bench-search: setup-dev ## measure searches over 1,000,000 customers (SCALE=0.02 for a quick look)
	.venv/bin/python -m benchmarks.search

bench-streaming: setup-dev ## measure the memory of answers with 1,000,000 rows (SCALE likewise)
	.venv/bin/python -m benchmarks.streaming

bench-panel: setup-dev ## measure every page of the Control Panel over 1,000,000 customers (SCALE likewise)
	.venv/bin/python -m benchmarks.panel_pages

clean: ## remove caches and .venv; the data directory stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis src/*.egg-info
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
