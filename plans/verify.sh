#!/usr/bin/env bash
# Is what this state claims of the contract proven? Runs everything, within 20 minutes on two cores.
#
#   plans/verify.sh              make check, every test, the drills in short, then rule → tests → passed
#   plans/verify.sh --rules      the tests and the table only
#   plans/verify.sh --count      count the tests of each rule, which takes seconds; nothing is run
#
# Exit 1 when a part failed; when a rule of plans/rules_required.txt has no test that passed; or when
# a rule of its scope is neither claimed nor said not to be.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ ! -x .venv/bin/python ]]; then
    echo "There is no .venv here yet. Make it first: make setup" >&2
    exit 2
fi
exec .venv/bin/python plans/verify.py "$@"
