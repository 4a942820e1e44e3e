#!/usr/bin/env bash
# The long proofs, one after the other; each keeps its document and page in DIR.
#
#   plans/proof.sh [DIR]       about an hour and a half on two cores; DIR is proof/ by default
#
# Exit 1 when one of them failed; the others run all the same.
set -uo pipefail
cd "$(dirname "$0")/.."
if [[ ! -x .venv/bin/bot ]]; then
    echo "There is no .venv here yet. Make it first: make setup" >&2
    exit 2
fi
dir=${1:-proof}
mkdir -p "$dir"
failed=0
keep() {
    local name=$1
    shift
    echo "== $name: $*"
    "$@" || { echo "== $name FAILED"; failed=1; }
}
same_trace() {
    local one two
    one=$(PYTHONHASHSEED=1 .venv/bin/python -m plans.traces 1 100) || return 1
    two=$(PYTHONHASHSEED=77 .venv/bin/python -m plans.traces 1 100) || return 1
    [[ "$one" == "$two" ]] && echo "$(wc -l <<<"$one") seeds, the same trace in both"
}
same_faults() {
    local one two
    one=$(PYTHONHASHSEED=1 .venv/bin/python -m plans.fault_traces) || return 1
    two=$(PYTHONHASHSEED=77 .venv/bin/python -m plans.fault_traces) || return 1
    [[ "$one" == "$two" ]] && echo "$(wc -l <<<"$one") fault drills, the same trace in both"
}
keep "same trace" same_trace
keep "same trace of fault drills" same_faults
keep faults .venv/bin/bot drill faults --all --record "$dir"
keep reduce-only .venv/bin/bot drill reduce-only --record "$dir"
keep explore .venv/bin/bot drill explore --record "$dir"
keep storm .venv/bin/bot drill storm --seeds 1..200 --hours 3 --record "$dir"
keep points .venv/bin/bot drill points --record "$dir"
keep mutants plans/mutants.sh
keep soak .venv/bin/bot paper soak --days 14 --record "$dir"
exit $failed
