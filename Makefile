# Every target works alone on a machine that has python3 (3.11 or newer), git and make: what else it needs goes to .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2

.PHONY: demo test lint bench docs clean

demo: $(VENV)/dev  ## a model's life in a temporary repository
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo/run.sh

test: $(VENV)/dev  ## everything but what MREG_TORTURE=long adds
	$(BIN)/pytest $(PYTEST_ARGS) --durations=10

lint: $(VENV)/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/dev $(VENV)/bench  ## takes some ten minutes and 4 GiB of disk
	$(BIN)/python -m benchmarks --write docs/benchmarks.md

docs: $(VENV)/dev $(VENV)/bench  ## the command reference, the sessions in the guide and the pictures, all from real runs
	$(BIN)/python docs/make_commands.py
	$(BIN)/python docs/sessions.py --write README.md docs/guide/*.md
	$(BIN)/python docs/pictures.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# A stamp per extra: made again when pyproject.toml changes.
$(VENV)/dev $(VENV)/bench: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[$(@F)]'
	@touch $@
