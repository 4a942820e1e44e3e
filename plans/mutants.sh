#!/usr/bin/env bash
# Is a bug noticed when there is one? Plants those of plans/mutants.toml, one at a time [C-804].
#
#   plans/mutants.sh                  all of them
#   plans/mutants.sh --list           what is planted, and who has to notice
#   plans/mutants.sh --only ID        one; may be repeated
#   plans/mutants.sh --jobs N         so many at a time
#   plans/mutants.sh --json FILE      keep what came of it
#
# Exit 1 when one survived, or when the unmodified code is not clean on the same seeds and tests.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ ! -x .venv/bin/python ]]; then
    echo "There is no .venv here yet. Make it first: make setup" >&2
    exit 2
fi
PYTHONPATH="$PWD" exec .venv/bin/python plans/mutants.py "$@"
