"""Names of things: one type an identity, so that a label is never taken for an order id."""

from typing import NewType

__all__ = [
    "AccountId",
    "Currency",
    "GroupId",
    "IndexName",
    "InstrumentName",
    "IntentId",
    "Label",
    "LedgerId",
    "OrderId",
    "RunId",
    "StrategyName",
    "TradeId",
]

AccountId = NewType("AccountId", str)
GroupId = NewType("GroupId", str)  # g and the sequence number of the decision that made it
Currency = NewType("Currency", str)  # settlement currency group: BTC, ETH, USDC
IndexName = NewType("IndexName", str)  # btc_usd
InstrumentName = NewType("InstrumentName", str)
IntentId = NewType("IntentId", str)  # lower-case hex of the intent's SHA-256 [C-102]
Label = NewType("Label", str)  # what the venue echoes; not unique there, never reused by us [C-103]
LedgerId = NewType("LedgerId", str)
OrderId = NewType("OrderId", str)  # the venue's, opaque
RunId = NewType("RunId", str)
StrategyName = NewType("StrategyName", str)
TradeId = NewType("TradeId", str)  # the venue's; unique per currency
