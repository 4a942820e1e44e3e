"""The market of the hedge: 10 bp, 20 000 USD, 2 % (the shipped policy), and open."""

from decimal import Decimal

import pytest

from bot.domain.ids import InstrumentName
from bot.domain.instrument import BookState
from bot.domain.reason import Reason
from bot.monitors.hedge import check
from bot.monitors.sight import Hedge
from tests.bot.monitors.quiet import reason_of, sight

BAD = Reason.HEDGE_MARKET


def hedge(
    state: BookState = BookState.OPEN,
    spread_bp: str | None = "0.1",
    depth_usd: str | None = "1000000",
    basis: str | None = "0.0005",
) -> Hedge:
    spread, depth, apart = (
        None if text is None else Decimal(text) for text in (spread_bp, depth_usd, basis)
    )
    return Hedge(InstrumentName("BTC-PERPETUAL"), state, spread, depth, apart)


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("market", "expected"),
    [
        (hedge(), None),
        (hedge(spread_bp="10"), None),
        (hedge(spread_bp="10.01"), BAD),
        (hedge(depth_usd="20000"), None),
        (hedge(depth_usd="19990"), BAD),
        (hedge(basis="0.02"), None),
        (hedge(basis="0.0201"), BAD),
        (hedge(basis=None), None),  # other proofs tell that there is no price
        (hedge(spread_bp=None, depth_usd=None), BAD),
        (None, None),  # before the first snapshot
    ],
)
def test_a_hedge_must_be_possible_at_a_fair_price(
    market: Hedge | None, expected: Reason | None
) -> None:
    assert reason_of(check, sight(hedge=market)) is expected


@pytest.mark.rule("C-508")
@pytest.mark.parametrize("state", [state for state in BookState if state is not BookState.OPEN])
def test_a_hedge_that_is_not_open_shuts_opens(state: BookState) -> None:
    assert reason_of(check, sight(hedge=hedge(state=state))) is BAD
