# Two commands: `make run` and `make test`. Both set themselves up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test setup check clean

run: setup
	@$(BIN)/bot --home home run --env dev --seed 7; code=$$?; [ $$code -eq 130 ] || exit $$code  # Ctrl-C

test: setup check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python plans/generate.py --check
	$(BIN)/python plans/float_check.py

clean:
	rm -rf $(VENV) home
