PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint compat cards pictures serving lock clean

help:  ## Show this help.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "make: Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: .venv/installed  ## Train for a moment, and ask the shipped model.
	@$(BIN)/zoo demo

test: .venv/installed  ## Run the tests.
	$(BIN)/python -m pytest -n 2 --dist loadfile --durations 20

lint: .venv/installed  ## Check style, types and the walls between packages.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.venv-compat/installed: requirements-compat.lock
	$(PYTHON) -m venv .venv-compat
	.venv-compat/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-compat.lock
	@touch $@

compat: .venv/installed .venv-compat/installed  ## Answer the golden requests with the newest served TensorFlow.
	$(BIN)/python -m zoo.export.compat saved_models --python .venv-compat/bin/python

cards: .venv/installed  ## Write the measured numbers into README, cards and results.csv.
	$(BIN)/python -m zoo.analysis.cards

serving: .venv/installed  ## Write saved_models/models.config for the models that are there.
	$(BIN)/python -m zoo.serving.config saved_models

pictures: .venv/installed  ## Measure gradients on sentiment, and draw the pictures of docs/all_about_rnn.md.
	$(BIN)/zoo gradients sentiment
	$(BIN)/python -m zoo.analysis.pictures
	$(BIN)/python -m zoo.analysis.cards

lock: .venv/installed  ## Pin the newest allowed dependencies anew.
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras --python-version 3.11 \
	  --no-emit-index-url --no-annotate --no-header --upgrade pyproject.toml -o requirements.lock

clean:  ## Remove the environments.
	rm -rf .venv .venv-compat
