"""The one authority on the mode: a look-up and a maximum [C-301, C-302, C-306]."""

import tomllib
from collections.abc import Collection
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.mode import Mode
from bot.domain.reason import REASONS, Effect, Reason
from bot.guard.resolve import forced_mode, ranked, resolve

ROOT = Path(__file__).resolve().parents[3]
ROWS = tomllib.loads((ROOT / "bot/guard/reasons.toml").read_text())

causes = st.frozensets(st.sampled_from(Reason))

# DOMAIN §8.2 read with C-302: what comes back by proof shuts the latch and forces no mode.
DRILLS = [
    ("RECONNECTING", Mode.ACTIVE),
    ("UNKNOWN_ORDER", Mode.ACTIVE),
    ("STARTING", Mode.ACTIVE),
    ("CLOCK_OFFSET", Mode.ACTIVE),
    ("DATA_STALE", Mode.ACTIVE),
    ("FOREIGN_ORDER", Mode.ACTIVE),
    ("EXPIRY_WINDOW", Mode.ACTIVE),
    ("BOOK_STALE", Mode.ACTIVE),
    ("LATCH_OVERDUE", Mode.REDUCE_ONLY),
    ("MARGIN_USE", Mode.REDUCE_ONLY),
    ("OPERATOR", Mode.REDUCE_ONLY),
    ("LOSS_DAY", Mode.KILL),
    ("DRAWDOWN", Mode.KILL),
    ("MARGIN_CRITICAL", Mode.KILL),
    ("LATE_FILL", Mode.KILL),
    ("OPERATOR_KILL", Mode.KILL),
    ("MODE_UNREADABLE", Mode.KILL),  # C-308
    ("INTERNAL", Mode.KILL),  # C-606
    ("VENUE_SILENT", Mode.ACTIVE),
    ("RATE_LIMITED", Mode.ACTIVE),
    ("VENUE_MAINTENANCE", Mode.ACTIVE),
    ("BOOK_GAP", Mode.ACTIVE),
    ("INDEX_JUMP", Mode.ACTIVE),
    ("MARK_STALE", Mode.ACTIVE),
    ("MONITOR_FAILED", Mode.ACTIVE),
    ("DISK_LOW", Mode.ACTIVE),
    ("LATCH_FLAPPING", Mode.REDUCE_ONLY),
    ("DISK_FULL", Mode.REDUCE_ONLY),
    ("AUTH_LOST", Mode.KILL),
    ("KILL_CHECK_FAILED", Mode.KILL),  # C-606
]


@pytest.mark.rule("C-306")
@pytest.mark.parametrize(("code", "expected"), DRILLS)
def test_a_cause_forces_what_the_drills_expect(code: str, expected: Mode) -> None:
    assert forced_mode(Reason(code)) is expected
    assert resolve([Reason(code)]) is expected


@pytest.mark.rule("C-301")
def test_no_cause_is_active() -> None:
    assert resolve([]) is Mode.ACTIVE


@pytest.mark.rule("C-302")
@given(causes, causes)
def test_more_causes_never_loosen(some: frozenset[Reason], more: frozenset[Reason]) -> None:
    assert resolve(some | more).severity >= resolve(some).severity


# Written out by hand, from the registry's own words and not through the resolver's table.
FORCES = {"refuse": 0, "latch": 0, "reduce_only": 1, "kill": 2}
GRAVITY = (Mode.ACTIVE, Mode.REDUCE_ONLY, Mode.KILL)


def expected(some: Collection[Reason]) -> tuple[Mode, tuple[Reason, ...]]:
    """Say by counting what some causes force together, and in which order they are told."""
    weights = {cause: FORCES[ROWS[cause.value]["effect"]] for cause in some}
    order = [
        cause
        for weight in (2, 1, 0)
        for cause in sorted(some, key=lambda known: known.value)
        if weights[cause] == weight
    ]
    return GRAVITY[max(weights.values(), default=0)], tuple(order)


def _some_of_each(count: int) -> tuple[Reason, ...]:
    """Take the first causes of each effect: all subsets of all of them would be 2^100."""
    return tuple(
        cause
        for effect in Effect
        for cause in [cause for cause in Reason if REASONS[cause].effect is effect][:count]
    )


@pytest.mark.rule("C-301", "C-302")
def test_every_combination_of_several_causes_of_each_effect() -> None:
    some = _some_of_each(4)
    assert len(some) == 16
    modes: dict[int, int] = {}
    for chosen in range(1 << len(some)):
        causes = [cause for n, cause in enumerate(some) if chosen >> n & 1]
        mode, order = expected(causes)
        assert (resolve(causes), ranked(causes)) == (mode, order)
        modes[chosen] = mode.severity
        # Monotone against every set with one cause less, and so against every subset.
        for n in range(len(some)):
            if chosen >> n & 1:
                assert modes[chosen & ~(1 << n)] <= mode.severity


@pytest.mark.rule("C-302")
def test_no_second_cause_loosens_a_first() -> None:
    for first, second in product(Reason, Reason):
        mode, order = expected({first, second})
        assert resolve([first, second]) is mode
        assert ranked(dict.fromkeys([first, second])) == order
        assert mode.severity >= resolve([first]).severity


@pytest.mark.rule("C-301")
@given(causes)
def test_any_set_of_causes_is_told_in_the_expected_order(some: frozenset[Reason]) -> None:
    assert (resolve(some), ranked(some)) == expected(some)


@pytest.mark.rule("C-301")
@given(st.lists(st.sampled_from(Reason)).flatmap(lambda some: st.permutations(some)))
def test_order_and_repetition_change_nothing(some: list[Reason]) -> None:
    assert resolve(some) is resolve(sorted(set(some), key=lambda cause: cause.value))
    assert ranked(some) == ranked(reversed(some))


@pytest.mark.rule("C-301")
@given(causes)
def test_the_gravest_cause_stands_first(some: frozenset[Reason]) -> None:
    order = ranked(some)
    severities = [forced_mode(cause).severity for cause in order]
    assert severities == sorted(severities, reverse=True)
    assert frozenset(order) == some
    assert all(forced_mode(cause) is resolve(some) for cause in order[:1])


@pytest.mark.rule("C-301")
def test_causes_of_one_gravity_stand_by_name() -> None:
    some = (Reason.STARTING, Reason.DRAWDOWN, Reason.CLOCK_OFFSET, Reason.LOSS_DAY)
    assert ranked(some) == (
        Reason.DRAWDOWN,
        Reason.LOSS_DAY,
        Reason.CLOCK_OFFSET,
        Reason.STARTING,
    )


@pytest.mark.rule("C-306")
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_whole_row_of_the_registry(reason: Reason) -> None:
    meaning, row = REASONS[reason], ROWS[reason.value]
    assert meaning.effect is Effect(row["effect"])
    assert meaning.text == row["text"] != ""
    assert meaning.next == row["next"] != ""
    assert meaning.deadline_s == row.get("deadline", 0) >= 0
    assert meaning.holds_s == row.get("holds", 0) >= 0
    assert meaning.deadline_s == meaning.holds_s == 0 or meaning.effect is Effect.LATCH


@pytest.mark.rule("C-306")
def test_the_registry_has_no_row_without_a_reason() -> None:
    assert set(ROWS) == {reason.value for reason in Reason}
    assert set(REASONS) == set(Reason)
