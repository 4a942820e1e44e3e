"""What an operator is told when an act is refused: all of it, in words and as data [C-307]."""

import pytest

from bot.control.errors import error_text
from bot.control.port import Down, Rearm
from bot.engine.port import refusal_of

REARM = Rearm(by="me", reason="looked", request_id="r", expect=1, looked_ms=0)
DOWN = Down(by="me", reason="enough", cancel_opens=True, request_id="d")
CAUSES = ("LOSS_DAY: 0.3 of 0.30 BTC", "MARGIN_USE: 71 % of 60 %", "CHANGED INTERNAL: boom (by x)")


@pytest.mark.rule("C-307")
def test_a_refused_rearm_names_every_cause_in_text_and_as_data() -> None:
    error = refusal_of(REARM, CAUSES)
    assert (error.body.code, error.body.exit) == ("REFUSED", 4)
    assert error.body.details == {"causes": list(CAUSES)}
    text = " ".join(error_text(error.body).split())
    assert "for 3 causes" in text
    assert all(cause in text for cause in CAUSES)


@pytest.mark.rule("C-307")
def test_a_rearm_that_comes_too_late_is_expired_and_names_the_rest_as_well() -> None:
    late = "REARM_EXPIRED: looked at 412 s ago, at most 300 s ago counts"
    error = refusal_of(REARM, (late, CAUSES[0]))
    assert (error.body.code, error.body.exit) == ("EXPIRED", 4)
    assert error.body.details == {"causes": [late, CAUSES[0]]}
    assert error.body.next == "Look again: bot status"


@pytest.mark.rule("C-305")
def test_an_end_that_is_not_proven_says_what_and_exits_with_1() -> None:
    error = refusal_of(DOWN, ("the venue still shows 1 of ours: x",))
    assert (error.body.code, error.body.exit) == ("NOT_PROVEN", 1)
    assert "the venue still shows 1 of ours: x" in error.body.what
