.DEFAULT_GOAL := help
PYTHON ?= .venv/bin/python

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## make .venv with everything the tests need
	python3 -m venv .venv && .venv/bin/pip install -r requirements-dev.txt

run: ## start the app
	$(PYTHON) -m streamlit run app.py

test: ## all tests but the slow ones and those that drive a browser
	$(PYTHON) -m pytest -m "not e2e and not slow"

e2e: ## the browser journey
	$(PYTHON) -m pytest -m e2e

check: ## lint, format, types
	$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check . && $(PYTHON) -m mypy

docs: ## print the checks' help into docs/checks.md
	$(PYTHON) -m analysis checks --markdown > docs/checks.md

bench: ## what the documentation claims, measured here
	for name in detection consensus coverage trust scale durability intake; do $(PYTHON) benchmarks/$$name.py || exit 1; done

ci: ## everything that must hold before a change lands, in fresh environments
	.ci/run

.PHONY: help setup run test e2e check docs bench ci
