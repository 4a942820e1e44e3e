#!/usr/bin/env bash
# Which contract rule is proven by how many tests, and do they pass?
#
#   plans/verify.sh              run every test file that proves a rule, then print the table
#   plans/verify.sh --count      only count, which takes seconds
#
# A rule of plans/rules_required.txt without a test, or with a failing one, ends it with exit 1.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ ! -x .venv/bin/python ]]; then
    echo "There is no .venv here yet. Make it first: make setup" >&2
    exit 2
fi
exec .venv/bin/python plans/verify.py "$@"
