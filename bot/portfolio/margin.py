"""Standard margin, ours, and never below the venue's [C-116] (ADR 0010: why it is not asked).

Source: DOMAIN §11.1, in coin per coin of an inverse option (m = mark, F = index):

    IM call  max(0.15 − OTM/F, 0.10) + m       MM call  0.075 + m
    IM put   the same, at least MM             MM put   max(0.075, 0.075·m) + m

A long option needs none once its premium is paid. Linear options take the same fractions of the
index, in USDC. Futures, per coin of position: IM 2 % + 0.005 % a coin, MM 1 % + 0.005 % a coin
(BTC defaults of the venue; the account's own may differ).
"""

from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec

from bot.domain.instrument import Instrument, Kind, OptionType
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Liquidity
from bot.domain.ratio import rounded_up
from bot.domain.side import Side
from bot.portfolio.fee import expected_fee

__all__ = ["Margin", "order_margin", "position_margin"]

_NOTHING: Final = Amount(Decimal(0))
_PLACES: Final = 12  # finer than any amount the venue books, rounded up: never too little

_SHORT_INITIAL: Final = Fraction("0.15")
_SHORT_INITIAL_FLOOR: Final = Fraction("0.10")
_SHORT_MAINTENANCE: Final = Fraction("0.075")
_FUTURE_INITIAL: Final = Fraction("0.02")
_FUTURE_MAINTENANCE: Final = Fraction("0.01")
_FUTURE_PER_COIN: Final = Fraction("0.00005")


class Margin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Initial and maintenance margin in settlement currency."""

    initial: Coin
    maintenance: Coin


def position_margin(
    instrument: Instrument, *, quantity: Amount, mark: Price, index: Price
) -> Margin:
    """Return the margin of one position alone, without any offset against others.

    `quantity` is signed. `mark` is in the quote unit, `index` in USD per coin; both above 0, but an
    option's mark may be 0. Raises ValueError when they are not.
    """
    initial, maintenance = _standard(instrument, quantity=quantity, mark=mark, index=index)
    return _margin(initial, maintenance)


def order_margin(
    instrument: Instrument,
    *,
    side: Side,
    amount: Amount,
    price: Price,
    mark: Price,
    index: Price,
    beside: Amount = _NOTHING,
) -> Coin:
    """Return what an open would tie up if it filled wholly at once, on the careful side.

    Nothing is set off: neither a position that it reduces nor the premium that a sale brings. A
    bought option ties up its premium. The dearer of price and mark counts, and a taker's fee.
    `beside` is what of the same future is held or may fill, unsigned: the rate grows with all of
    it.
    """
    fee = expected_fee(
        instrument, amount=amount, price=price, liquidity=Liquidity.TAKER, index=index
    )
    if instrument.kind is Kind.OPTION and side is Side.BUY:
        tied = Fraction(amount) * Fraction(price)
    else:
        # An inverse future of given USD is more coins at a lower price.
        is_lower_dearer = instrument.kind is not Kind.OPTION and instrument.is_inverse
        dearer = min(price, mark) if is_lower_dearer else max(price, mark)
        signed = amount if side is Side.BUY else Amount(amount.copy_negate())
        whole = Amount(signed + beside.copy_sign(signed))
        if instrument.kind is Kind.OPTION:
            whole, beside = signed, _NOTHING
        after, before = (
            _standard(instrument, quantity=size, mark=dearer, index=index)
            for size in (whole, beside)
        )
        tied = after[0] - before[0]
    return Coin(rounded_up(tied + Fraction(max(fee, Decimal(0))), places=_PLACES))


def _standard(
    instrument: Instrument, *, quantity: Amount, mark: Price, index: Price
) -> tuple[Fraction, Fraction]:
    """Return initial and maintenance margin, exact."""
    if not (index > 0 and (mark > 0 or (mark == 0 and instrument.kind is Kind.OPTION))):
        raise ValueError(f"{instrument.name}: no margin at mark {mark}, index {index}")
    size = Fraction(quantity)
    if instrument.strike is not None and instrument.option_type is not None:
        if size >= 0:
            return Fraction(0), Fraction(0)
        in_coin = Fraction(mark) if instrument.is_inverse else Fraction(mark) / Fraction(index)
        initial, maintenance = _short_option(
            instrument.option_type, strike=instrument.strike, mark=in_coin, index=index
        )
        scale = -size if instrument.is_inverse else -size * Fraction(index)
        return initial * scale, maintenance * scale
    coins = abs(size) / Fraction(mark) if instrument.is_inverse else abs(size)
    scale = coins if instrument.is_inverse else coins * Fraction(mark)
    extra = _FUTURE_PER_COIN * coins
    return (_FUTURE_INITIAL + extra) * scale, (_FUTURE_MAINTENANCE + extra) * scale


def _short_option(
    option_type: OptionType, *, strike: Decimal, mark: Fraction, index: Price
) -> tuple[Fraction, Fraction]:
    forward = Fraction(index)
    out_of_money = max(option_type.sign * (Fraction(strike) - forward), Fraction(0)) / forward
    initial = max(_SHORT_INITIAL - out_of_money, _SHORT_INITIAL_FLOOR) + mark
    if option_type is OptionType.CALL:
        return initial, _SHORT_MAINTENANCE + mark
    maintenance = max(_SHORT_MAINTENANCE, _SHORT_MAINTENANCE * mark) + mark
    return max(initial, maintenance), maintenance


def _margin(initial: Fraction, maintenance: Fraction) -> Margin:
    return Margin(
        initial=Coin(rounded_up(initial, places=_PLACES)),
        maintenance=Coin(rounded_up(maintenance, places=_PLACES)),
    )
