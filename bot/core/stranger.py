"""Everything in the account that is not ours, as an operator is shown it and decides on it [C-509].

What is shown is what is agreed to: the words of `seen` are compared to the letter, by the act and
for as long as the decision stands. Something that looks otherwise by then is foreign again.
"""

from dataclasses import dataclass
from decimal import Decimal

from bot.core.foreign import apart_of
from bot.core.state import State
from bot.core.whose import order_behind
from bot.domain.ids import InstrumentName
from bot.domain.money import Amount, Price, plain
from bot.domain.report import OrderReport
from bot.domain.verdict import Verdict

__all__ = ["Stranger", "strangers_found"]


@dataclass(frozen=True, slots=True)
class Stranger:
    """One order, by its id, or one position, by its instrument's name.

    `amount` is signed, in the amount unit, an order's in total; `price` an order's limit or a
    position's average, in the quote unit. `verdict` is None until an operator has decided.
    """

    subject: str
    is_order: bool
    instrument: InstrumentName
    amount: Amount
    price: Price | None
    seen: str
    verdict: Verdict | None
    is_double: bool = False  # a second order under a label of ours: containment takes it off

    @property
    def is_settled(self) -> bool:
        """True when it need not keep opens shut any more."""
        return self.verdict in (Verdict.ADOPT, Verdict.IGNORE)


def strangers_found(state: State) -> tuple[Stranger, ...]:
    """List orders, then positions, each in the order of their names."""
    orders = (_order(state, report) for _, report in sorted(state.foreign.items()))
    return (*orders, *_positions(state))


def _order(state: State, report: OrderReport) -> Stranger:
    price = "no price" if report.price is None else plain(report.price)
    seen = f"{report.side.value} {plain(report.amount)} {report.instrument} @ {price}"
    known = state.durable.foreign.orders.get(report.order_id)
    verdict = None
    # One that is to be cancelled is to be cancelled whatever it looks like by now.
    if known is not None and (known.seen == seen or known.verdict is Verdict.CLOSE):
        verdict = known.verdict
    is_double = order_behind(state.durable, report) is not None
    return Stranger(
        subject=report.order_id,
        is_order=True,
        instrument=report.instrument,
        amount=Amount(report.amount * report.side.sign),
        price=report.price,
        seen=seen,
        verdict=None if is_double else verdict,
        is_double=is_double,
    )


def _positions(state: State) -> tuple[Stranger, ...]:
    """Add what trades of strangers have left to what no trade explains.

    The latter counts once it has shown in several comparisons: until then it may be a trade of ours
    on its way.
    """
    foreign, recon = state.durable.foreign, state.recon
    unexplained = dict(recon.unexplained)
    found = []
    for name in sorted({*foreign.apart, *unexplained}):
        known = foreign.apart.get(name)
        amount = Amount(apart_of(foreign, name) + unexplained.get(name, Decimal(0)))
        is_ignored = known is not None and known.ignored == amount and name not in unexplained
        average = recon.averages.get(name) or (known.price if known else None)
        if amount != 0:
            found.append(
                Stranger(
                    subject=name,
                    is_order=False,
                    instrument=name,
                    amount=amount,
                    price=average,
                    seen=f"{plain(amount)} {name}",
                    verdict=Verdict.IGNORE if is_ignored else None,
                )
            )
    return tuple(found)
