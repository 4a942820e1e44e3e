# Two commands: `make run` and `make test`. Both set themselves up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test coverage proof setup check clean

run: setup
	@$(BIN)/bot --home home run --env dev --seed 7; code=$$?; [ $$code -eq 130 ] || exit $$code  # Ctrl-C

test: setup check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

# Branches of what stands between a decision and the venue, by unit tests and the world together.
coverage: setup
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -p no:cacheprovider tests/bot tests/ledger tests/properties tests/simulation tests/drills/world/test_run.py
	$(BIN)/coverage run -m plans.covered_storm
	$(BIN)/coverage combine
	$(BIN)/coverage report

# The long proofs, about an hour and a half on two cores; docs/reliability.md has their figures.
proof: setup
	plans/proof.sh

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
