"""The policy file: whole, exact, and every fault with its line (C-003)."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from bot.domain.instrument import Kind
from bot.policy import Fault, HedgeBasis, OnKill, Policy, PolicyInvalid, Stage, load
from bot.policy.read import TEXT_MAX

TEXT = (Path(__file__).parents[3] / "config" / "trading_policy.yaml").read_text(encoding="utf-8")


def faults_of(text: str, *, stage: Stage | None = None) -> tuple[Fault, ...]:
    with pytest.raises(PolicyInvalid) as raised:
        load(text, source="trading_policy.yaml", stage=stage)
    return raised.value.faults


def line_of(text: str, start: str, *, after: str = "") -> int:
    lines = text.splitlines()
    begin = lines.index(after) if after else 0
    return next(
        n for n, line in enumerate(lines, 1) if n > begin and line.strip().startswith(start)
    )


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) >= 1, old
    return TEXT.replace(old, new, 1)


@pytest.mark.rule("C-003")
def test_the_shipped_policy_has_the_domains_defaults() -> None:
    policy = load(TEXT, source="trading_policy.yaml", stage=Stage.PAPER)
    assert policy.allowed.kinds == (Kind.OPTION, Kind.PERPETUAL)
    assert policy.allowed.expiry_minutes_min == 60
    assert policy.allowed.expiry_days_max == 200
    assert policy.per_order.amount_max == Decimal(2)
    assert policy.per_order.premium_min == Decimal("0.0010")
    assert policy.portfolio.delta_max == Decimal("2.0")
    assert policy.portfolio.gamma_max == Decimal("0.5")
    assert policy.portfolio.vega_usd_max == Decimal(2000)
    assert policy.portfolio.short_per_expiry_max == Decimal(10)
    assert policy.portfolio.gross_options_max == Decimal(40)
    assert policy.portfolio.initial_margin_use_max == Decimal("0.40")
    assert policy.portfolio.maintenance_margin_use_max == Decimal("0.25")
    assert policy.per_day.loss_max == Decimal("0.03")
    assert policy.per_day.drawdown_max == Decimal("0.08")
    assert policy.execution.book_option_ms_max == 5_000
    assert policy.execution.book_perpetual_ms_max == 2_000
    assert policy.execution.spread_option_ratio_max == Decimal("0.15")
    assert policy.execution.depth_times_min == Decimal(3)
    assert policy.execution.fees_ms_max == 24 * 3_600_000
    assert policy.hedge.basis is HedgeBasis.COIN
    assert policy.guard.latch_deadline_s == 10
    assert policy.guard.on_kill is OnKill.HOLD
    micro = policy.stages.micro_live
    assert (micro.order_amount_max, micro.delta_max) == (Decimal("0.1"), Decimal("0.10"))
    assert (micro.vega_usd_max, micro.short_per_expiry_max) == (Decimal(50), Decimal("0.3"))
    assert (micro.day_loss_max, micro.drawdown_max) == (Decimal("0.01"), Decimal("0.03"))


@pytest.mark.rule("C-104")
def test_a_number_keeps_the_digits_it_is_written_with() -> None:
    policy = load(changed("premium_min: 0.0010", "premium_min: 0.10"), source="x")
    assert str(policy.per_order.premium_min) == "0.10"


def test_a_policy_is_encoded_and_read_again() -> None:
    policy = load(TEXT, source="x")
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("old", "new", "field", "was", "must", "nearest"),
    [
        ("amount_max: 2", "amount_mx: 2", "per_order.amount_mx", "unknown field",
         "a known field", "amount_max"),
        ("amount_max: 2", "amount_max: .nan", "per_order.amount_max", ".nan",
         "a number, in digits, in coin", ""),
        ("amount_max: 2", "amount_max: .inf", "per_order.amount_max", ".inf",
         "a number, in digits, in coin", ""),
        ("amount_max: 2", "amount_max: NaN", "per_order.amount_max", "NaN",
         "a number, in digits, in coin", ""),
        ("amount_max: 2", "amount_max: -2", "per_order.amount_max", "-2", "above 0", ""),
        ("amount_max: 2", "amount_max: 0", "per_order.amount_max", "0", "above 0", ""),
        ("amount_max: 2", 'amount_max: "2"', "per_order.amount_max", '"2"',
         "a number, in digits, in coin", ""),
        ("amount_max: 2", "amount_max: 2 coin", "per_order.amount_max", "2 coin",
         "a number, in digits, in coin", ""),
        ("amount_max: 2", "amount_max: 2e3", "per_order.amount_max", "2e3",
         "a number, in digits, in coin", ""),
        ("amount_max: 2", "amount_max: 010", "per_order.amount_max", "010",
         "a number, in digits, in coin", ""),
        ("amount_max: 2", "amount_max: 1_000", "per_order.amount_max", "1_000",
         "a number, in digits, in coin", ""),
        ("amount_max: 2", "amount_max:", "per_order.amount_max", "nothing", "given", ""),
        ("kinds: [option, perpetual]", "kinds:", "allowed.kinds", "nothing", "given", ""),
        ("amount_max: 2", "amount_max: [2]", "per_order.amount_max", "a list",
         "a single value", ""),
        ("amount_max: 2", "amount_max: {a: 2}", "per_order.amount_max", "a block",
         "a single value", ""),
        ("amount_max: 2", "amount_max: !!python/name:os.system 2", "per_order.amount_max",
         "tag:yaml.org,2002:python/name:os.system 2", "a single value", ""),
        ("amount_max: 2", "amount_max: !mine 2", "per_order.amount_max", "!mine 2",
         "a single value", ""),
        ("loss_max: 0.03", "loss_max: 3", "per_day.loss_max", "3",
         "at most 1 of equity at the day's start", ""),
        ("opens_max: 200", "opens_max: 20.5", "per_day.opens_max", "20.5",
         "a whole number, in digits, in orders", ""),
        ("on_kill: hold", "on_kill: hegde", "guard.on_kill", "hegde",
         "one of flatten, hedge, hold", "hedge"),
        ("basis: coin", "basis: no", "hedge.basis", "no", "one of coin, usd", ""),
        ("kinds: [option, perpetual]", "kinds: [option, spot]", "allowed.kinds", "spot",
         "one of option, future, perpetual", ""),
        ("kinds: [option, perpetual]", "kinds: option", "allowed.kinds", "option",
         "a list: [one, two]", ""),
        ("kinds: [option, perpetual]", "kinds: []", "allowed.kinds", "0 entries",
         "1 to 64 entries", ""),
        ("kinds: [option, perpetual]", "kinds: [option, option]", "allowed.kinds",
         "option twice", "each entry once", ""),
        ("venues: [deribit]", "venues: ['a b']", "allowed.venues", '"a b"', "a name", ""),
        ("expiry_minutes_min: 60", "expiry_minutes_min: 288000", "allowed.expiry_minutes_min",
         "288000 minutes", "below expiry_days_max, 200 days", ""),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(
    old: str, new: str, field: str, was: str, must: str, nearest: str
) -> None:
    text = changed(old, new)
    found = [fault for fault in faults_of(text) if fault.field == field]
    assert found == [Fault(line_of(text, new.split(":")[0] + ":"), field, was, must, nearest)]


@pytest.mark.rule("C-003")
def test_a_missing_field_is_named_with_the_line_of_its_block() -> None:
    text = changed("  amount_max: 2\n", "")
    assert faults_of(text) == (
        Fault(line_of(text, "per_order:"), "per_order.amount_max", "missing", "given"),
    )


@pytest.mark.rule("C-003")
def test_a_field_given_twice_is_a_fault_and_not_the_last_one_wins() -> None:
    text = changed("  amount_max: 2\n", "  amount_max: 2\n  amount_max: 1\n")
    first = line_of(text, "amount_max: 2")
    assert faults_of(text) == (
        Fault(
            first + 1, "per_order.amount_max", "given twice", f"given once (first on line {first})"
        ),
    )


@pytest.mark.rule("C-003")
def test_all_faults_come_at_once_in_the_order_of_their_lines() -> None:
    text = TEXT.replace("amount_max: 2\n", "amount_max: -2\n", 1)
    text = text.replace("delta_max: 2.0", "dela_max: 2.0", 1)
    text = text.replace("opens_max: 200", "opens_max: nine", 1)
    found = faults_of(text)
    assert [(fault.field, fault.was) for fault in found] == [
        ("per_order.amount_max", "-2"),
        ("portfolio.delta_max", "missing"),
        ("portfolio.dela_max", "unknown field"),
        ("per_day.opens_max", "nine"),
    ]
    assert [fault.line for fault in found] == sorted(fault.line for fault in found)


WHOLE: list[tuple[str, Callable[[], str]]] = [
    ("empty", lambda: ""),
    ("only a comment", lambda: "# nothing\n"),
    ("a list", lambda: "- 1\n"),
    ("a word", lambda: "policy"),
    ("two documents", lambda: TEXT + "---\n" + TEXT),
    ("broken brackets", lambda: "allowed: ["),
    ("a tab", lambda: "\tallowed: 1"),
    ("a control character", lambda: TEXT + "\x00"),
    ("an unknown anchor", lambda: "allowed: *nowhere"),
    ("too deep", lambda: "[" * 20_000),
    ("too long", lambda: "#" * (TEXT_MAX + 1)),
    ("a tag", lambda: "!!python/object:os.system {}"),
    ("cut off", lambda: TEXT[: len(TEXT) // 2]),
]


@pytest.mark.rule("C-005")
@pytest.mark.parametrize("make", [make for _, make in WHOLE], ids=[name for name, _ in WHOLE])
def test_a_file_that_is_no_policy_is_one_error_and_never_a_policy(make: Callable[[], str]) -> None:
    faults = faults_of(make())
    assert faults
    assert all(fault.line >= 1 and len(fault.was) <= 80 for fault in faults)


def test_a_reference_to_itself_ends() -> None:
    assert faults_of("allowed: &a {kinds: *a, venues: *a}\nstages: &s {paper: *s}\n")


@pytest.mark.rule("C-003")
def test_a_limit_wider_than_the_stage_allows_is_refused_with_its_line() -> None:
    found = {fault.field: fault for fault in faults_of(TEXT, stage=Stage.MICRO_LIVE)}
    assert len(found) == 15
    assert found["per_order.amount_max"] == Fault(
        line_of(TEXT, "amount_max: 2"),
        "per_order.amount_max",
        "2",
        "at most 0.1, the cap of stage micro_live",
    )


@pytest.mark.rule("C-003")
def test_a_limit_at_the_cap_passes_and_one_above_does_not() -> None:
    tighter = load(changed("amount_max: 2\n", "amount_max: 1.9\n"), source="x", stage=Stage.FULL)
    assert tighter.per_order.amount_max == Decimal("1.9")
    wider = changed("amount_max: 2\n", "amount_max: 2.1\n")
    assert [fault.field for fault in faults_of(wider, stage=Stage.FULL)] == ["per_order.amount_max"]
    assert load(wider, source="x").per_order.amount_max == Decimal("2.1")


@pytest.mark.rule("C-003")
def test_micro_live_is_nowhere_wider_than_full() -> None:
    text = changed("    delta_max: 0.10", "    delta_max: 2.1")
    assert faults_of(text) == (
        Fault(
            line_of(text, "delta_max:", after="  micro_live:"),
            "stages.micro_live.delta_max",
            "2.1",
            "at most 2.0, as in full",
        ),
    )


def test_the_error_names_its_source() -> None:
    with pytest.raises(PolicyInvalid, match=r"live\.yaml line 1, the file: empty") as raised:
        load("", source="live.yaml")
    assert raised.value.source == "live.yaml"
