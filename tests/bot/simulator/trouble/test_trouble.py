"""When faults strike, what is counted, and that a seed says it all."""

import pytest

from bot.simulator.trouble.plan import Plan
from bot.simulator.trouble.trouble import Trouble

HOUR_MS = 3_600_000


def struck(plan: Plan, *, name: str, step_ms: int = 100) -> list[int]:
    """Return the moments at which a fault strikes within an hour, somebody always asking."""
    trouble = Trouble(plan)
    moments = []
    for now_ms in range(0, HOUR_MS, step_ms):
        trouble.pass_time(now_ms)
        if trouble.take(name):
            moments.append(now_ms)
    assert trouble.injected[name] == len(moments)
    return moments


def test_a_seed_says_when_and_a_rate_how_often() -> None:
    often = struck(Plan(seed=7, rates={"reset": 60.0}), name="reset")
    assert often == struck(Plan(seed=7, rates={"reset": 60.0}), name="reset")
    assert often != struck(Plan(seed=8, rates={"reset": 60.0}), name="reset")
    assert 30 <= len(often) <= 90


def test_a_fault_strikes_at_the_same_moments_whatever_else_is_planned() -> None:
    rates = {"reset": 20.0, "latency": 100.0, "half_open": 30.0}
    alone = struck(Plan(seed=7, rates={"reset": 20.0}), name="reset")
    assert struck(Plan(seed=7, rates=rates), name="reset") == alone


def test_a_fault_is_counted_when_it_happens_and_not_when_it_is_due() -> None:
    trouble = Trouble(Plan())
    for name in ("reset", "latency"):
        trouble.strike(name)
        trouble.strike(name)  # it waits already, or stands already
    assert trouble.injected == {}
    assert (trouble.take("reset"), trouble.take("reset")) == (True, False)
    assert (trouble.stands("latency"), trouble.stands("latency")) == (True, True)
    assert trouble.injected == {"reset": 1, "latency": 1}


def test_a_span_that_has_passed_unnoticed_is_not_counted() -> None:
    trouble = Trouble(Plan())
    trouble.strike("latency")
    trouble.pass_time(30_000)
    assert not trouble.stands("latency")
    assert trouble.injected == {}


def test_a_script_strikes_in_its_order_from_the_first_moment_on() -> None:
    trouble = Trouble(Plan(at_ms=((2_500, "reset"), (0, "stall"), (2_500, "half_open"))))
    seen = []
    for now_ms in (70_000, 72_499, 72_500):
        trouble.pass_time(now_ms)
        seen.append([n for n in ("stall", "reset", "half_open") if trouble.take(n)])
    assert seen == [["stall"], [], ["reset", "half_open"]]


def test_after_healing_nothing_strikes_any_more() -> None:
    plan = Plan(rates={"reset": 3_600.0}, at_ms=((5_000, "half_open"),))
    trouble = Trouble(plan)
    trouble.pass_time(0)
    trouble.strike("latency")
    trouble.strike("stall")
    trouble.heal()
    for now_ms in range(0, 60_000, 100):
        trouble.pass_time(now_ms)
        assert not any(trouble.take(n) for n in ("reset", "half_open", "stall"))
        assert not trouble.stands("latency")


@pytest.mark.parametrize("plan", [Plan(rates={"no": 1.0}), Plan(at_ms=((0, "no"),))])
def test_a_name_that_is_no_fault_is_refused(plan: Plan) -> None:
    with pytest.raises(KeyError):
        Trouble(plan)
