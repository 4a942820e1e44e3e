"""Why a position exists: kept while it is held, made by the fill that opens it."""

from collections.abc import Mapping

from bot.core.memory import Holding
from bot.core.order import Order
from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Price
from bot.domain.report import Fill
from bot.portfolio.position import FLAT, Position, realise_at

__all__ = ["holdings_after", "shifted"]


def holdings_after(
    holdings: Mapping[InstrumentName, Holding],
    fill: Fill,
    order: Order | None,
    *,
    was_flat: bool,
    is_flat: bool,
) -> Mapping[InstrumentName, Holding]:
    """Return the holdings after a fill; `order` is the intent behind it, None for a stranger's."""
    if is_flat:
        return {name: held for name, held in holdings.items() if name != fill.instrument}
    if not was_flat:
        return holdings
    holding = Holding(
        strategy=order.intent.decision.strategy if order else "",
        opened_ms=fill.at_ms,
        entry_iv=order.expected.mark_iv if order and order.expected else None,
    )
    return {**holdings, fill.instrument: holding}


def shifted(
    positions: Mapping[InstrumentName, Position],
    holdings: Mapping[InstrumentName, Holding],
    instrument: Instrument,
    *,
    change: Amount,
    price: Price,
    at_ms: int,
) -> tuple[Mapping[InstrumentName, Position], Mapping[InstrumentName, Holding]]:
    """Move a signed amount between ours and a stranger's, at a price and without a fee [C-509]."""
    name = instrument.name
    after = realise_at(positions.get(name, FLAT), change=change, price=price, of=instrument)
    left = {key: held for key, held in holdings.items() if key != name}
    if after.quantity != 0:
        new = Holding(strategy="", opened_ms=at_ms, entry_iv=None)
        left[name] = holdings.get(name, new)
    return {**positions, name: after}, left
