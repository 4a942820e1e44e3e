"""Only an open book that has not expired takes orders [C-107]."""

from bot.domain.instrument import BookState
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, _policy: Policy) -> Refusal | None:
    """Refuse when the instrument is not open or has expired. This holds for exits too."""
    instrument = facts.instrument
    said = (instrument.state, facts.ticker.state if facts.ticker is not None else instrument.state)
    for state in said:
        if state is not BookState.OPEN:
            return Refusal(reason=Reason.INSTRUMENT_NOT_OPEN, was=state.value, limit="open")
    if instrument.expiry_ms is not None and facts.now_ms >= instrument.expiry_ms:
        return Refusal(reason=Reason.INSTRUMENT_NOT_OPEN, was="expired", limit="open")
    return None
