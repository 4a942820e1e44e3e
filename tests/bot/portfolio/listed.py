"""Instruments as the venue lists them (DOMAIN §1.2), for tests of what is done with them."""

import msgspec

from bot.domain.instrument import Instrument, Kind, OptionType

__all__ = ["KINDS", "future", "listed", "option"]

EXPIRY_MS = 1782460800000  # 2026-06-26T08:00:00Z

_OPTION_TICKS = {"tick": "0.0001", "steps": [{"above_price": "0.005", "tick": "0.0005"}]}


def listed(**fields: object) -> Instrument:
    """Return a BTC inverse option, with some fields as given."""
    usual: dict[str, object] = {
        "name": "BTC-26JUN26-60000-C",
        "kind": "option",
        "is_inverse": True,
        "base": "BTC",
        "currency": "BTC",
        "index": "btc_usd",
        "contract_size": "1",
        "amount_min": "0.1",
        "amount_step": "0.1",
        "ticks": _OPTION_TICKS,
        "maker_rate": "0.0003",
        "taker_rate": "0.0003",
        "state": "open",
        "expiry_ms": EXPIRY_MS,
        "strike": "60000",
        "option_type": "call",
    }
    return msgspec.convert({**usual, **fields}, Instrument)


def option(
    option_type: OptionType, strike: str, *, is_inverse: bool = True, **fields: object
) -> Instrument:
    """Return an option of a type and strike."""
    letter = "C" if option_type is OptionType.CALL else "P"
    pair = "BTC" if is_inverse else "BTC_USDC"
    return listed(
        **{
            "name": f"{pair}-26JUN26-{strike}-{letter}",
            "is_inverse": is_inverse,
            "currency": "BTC" if is_inverse else "USDC",
            "option_type": option_type.value,
            "strike": strike,
            **fields,
        }
    )


def future(kind: Kind = Kind.PERPETUAL, *, is_inverse: bool = True, **fields: object) -> Instrument:
    """Return a perpetual, or a dated future."""
    pair = "BTC" if is_inverse else "BTC_USDC"
    step = "10" if is_inverse else "0.001"
    return listed(
        **{
            "name": f"{pair}-PERPETUAL" if kind is Kind.PERPETUAL else f"{pair}-26JUN26",
            "kind": kind.value,
            "is_inverse": is_inverse,
            "currency": "BTC" if is_inverse else "USDC",
            "contract_size": step,
            "amount_min": step,
            "amount_step": step,
            "ticks": {"tick": "0.5"},
            "maker_rate": "0",
            "taker_rate": "0.0005",
            "expiry_ms": None if kind is Kind.PERPETUAL else EXPIRY_MS,
            "strike": None,
            "option_type": None,
            **fields,
        }
    )


KINDS = {
    "future_inverse": future(),
    "future_linear": future(is_inverse=False),
    "option_inverse": option(OptionType.CALL, "60000"),
    "option_linear": option(OptionType.CALL, "60000", is_inverse=False),
}
