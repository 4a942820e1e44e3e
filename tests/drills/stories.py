"""Two stories that agree: what the tests then spoil."""

from decimal import Decimal

from drills.story import LedgerStory, Placed, Recorded, Traded, VenueStory

CALL, PERPETUAL = "BTC-25DEC26-70000-C", "BTC-PERPETUAL"
FIRST, SECOND = "bd-00000000-aa", "bd-00000000-bb"
SOLD = Traded("BTC:11", CALL, Decimal("-0.3"))
BOUGHT = Traded("BTC:12", PERPETUAL, Decimal(1500))
HELD = {CALL: Decimal("-0.3"), PERPETUAL: Decimal(1500)}

VENUE = VenueStory(
    placed=(Placed(FIRST, "1"), Placed(SECOND, "2")),
    traded=(SOLD, BOUGHT),
    open_labels=frozenset(),
    positions=HELD,
)
LEDGER = LedgerStory(
    recorded=(Recorded(FIRST, 1), Recorded(SECOND, 2), Recorded("bd-00000000-never-sent", 3)),
    booked=(SOLD, BOUGHT),
    unsettled={},
    positions=HELD,
    causes=(),
    faults=(),
)
