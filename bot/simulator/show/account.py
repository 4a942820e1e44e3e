"""Positions and account summaries as the wire shows them (PROTOCOL §12, §13)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from bot.domain.ids import Currency, InstrumentName
from bot.domain.instrument import Kind
from bot.simulator.exchange.account import Account
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.fill import is_sized_in_usd, running_funding
from bot.simulator.exchange.lot import average, unrealised
from bot.simulator.exchange.margin import margin_of
from bot.simulator.exchange.position import funded
from bot.simulator.exchange.risk import forward_of, open_margin, standing
from bot.simulator.exchange.venue import Venue
from bot.simulator.limits import BURST_MATCHING, RATE_MATCHING
from bot.simulator.number import finite, shown
from bot.simulator.show.instrument import wire_kind

__all__ = ["CURRENCIES", "limits", "show_account_header", "show_position", "show_summary_of"]

CURRENCIES: Final = (Currency("BTC"), Currency("ETH"), Currency("USDC"))
_PLACES: Final = {Currency("USDC"): 6}


def show_position(venue: Venue, account: Account, name: InstrumentName) -> dict[str, Any]:
    """Return one position, `zero` when flat. The book must exist."""
    book = venue.books[name]
    instrument = book.instrument
    position = funded(account.position(name), running=running_funding(venue, name))
    size, mark, in_usd = position.quantity, book.mark, is_sized_in_usd(instrument)
    margin = margin_of(instrument, size=size, mark=mark, forward=forward_of(venue, book))
    floating = unrealised(position.session, mark=mark, in_usd=in_usd)
    total = unrealised(position.life, mark=mark, in_usd=in_usd)
    mean = shown(average(position.life, in_usd=in_usd))
    index = venue.index(instrument)
    row: dict[str, Any] = {
        "instrument_name": name,
        "kind": wire_kind(instrument.kind),
        "direction": "zero" if size == 0 else ("buy" if size > 0 else "sell"),
        "size": size,
        "average_price": mean,
        "mark_price": mark,
        "index_price": index,
        "settlement_price": book.settlement_price,
        "delta": finite(_delta(book, size=size), places=6),
        "initial_margin": shown(margin.initial),
        "maintenance_margin": shown(margin.maintenance),
        "open_orders_margin": shown(open_margin(venue, account, book)),
        "floating_profit_loss": shown(floating),
        "realized_profit_loss": shown(position.realised),
        "total_profit_loss": shown(total),
    }
    if instrument.kind is Kind.OPTION:
        greeks = book.quotes.greeks if book.quotes is not None else None
        units = float(size)
        row |= {
            "gamma": finite(greeks.gamma * units, places=6) if greeks else 0.0,
            "vega": finite(greeks.vega * units, places=5) if greeks else 0.0,
            "theta": finite(greeks.theta_venue * units, places=5) if greeks else 0.0,
            "average_price_usd": shown(mean * index, places=2),
            "floating_profit_loss_usd": shown(floating * Fraction(index), places=2),
        }
        return row
    row["size_currency"] = shown(_coins(book, size=size))
    row["leverage"] = 50
    if instrument.kind is Kind.PERPETUAL:
        row["realized_funding"] = shown(position.funding)
        row["interest_value"] = finite(float(running_funding(venue, name)), places=12)
    return row


def show_summary_of(venue: Venue, account: Account, currency: Currency) -> dict[str, Any]:
    """Return one currency's summary, not extended: what `user.portfolio` carries too."""
    now = standing(venue, account, currency)
    places = _PLACES.get(currency, 8)
    totals = _greeks(venue, account, currency)
    session_upl = now.futures_unrealised + now.options_unrealised
    session_rpl = now.futures_realised + now.options_realised
    row: dict[str, Any] = {"currency": currency}
    for field, value in (
        ("balance", now.cash),
        ("equity", now.equity),
        ("margin_balance", now.margin_balance),
        ("available_funds", now.available),
        ("available_withdrawal_funds", max(min(now.available, now.cash), Fraction(0))),
        ("initial_margin", now.initial),
        ("maintenance_margin", now.maintenance),
        ("projected_initial_margin", now.initial),
        ("projected_maintenance_margin", now.maintenance),
        ("total_pl", now.futures_gain + now.options_gain),
        ("session_upl", session_upl),
        ("session_rpl", session_rpl),
        ("futures_pl", now.futures_gain),
        ("futures_session_upl", now.futures_unrealised),
        ("futures_session_rpl", now.futures_realised),
        ("options_pl", now.options_gain),
        ("options_session_upl", now.options_unrealised),
        ("options_session_rpl", now.options_realised),
        ("options_value", now.options_value),
    ):
        row[field] = shown(value, places=places)
    row |= {field: Decimal(0) for field in _ALWAYS_ZERO}
    row |= {field: finite(value, places=6) for field, value in totals.items()}
    row |= {
        "delta_total_map": {},
        "options_gamma_map": {},
        "options_vega_map": {},
        "options_theta_map": {},
        "estimated_liquidation_ratio_map": {},
        "margin_model": "segregated_sm",
        "portfolio_margining_enabled": False,
        "cross_collateral_enabled": False,
    }
    return row


def show_account_header(account: Account) -> dict[str, Any]:
    """Return the part of a summary that is the same in every currency."""
    return {
        "id": account.number,
        "email": f"{account.id}@example.com",
        "username": account.id,
        "system_name": account.id,
        "type": "main",
        "creation_timestamp": account.created_ms,
        "login_enabled": False,
        "security_keys_enabled": False,
        "mmp_enabled": False,
        "interuser_transfers_enabled": False,
        "referrer_id": None,
        "receive_notifications": False,
        "self_trading_reject_mode": account.self_trading.value,
        "self_trading_extended_to_subaccounts": account.is_self_trading_extended,
    }


def limits() -> dict[str, Any]:
    """Return the rate limits that hold (PROTOCOL §16, tier 4)."""
    matching = {"rate": RATE_MATCHING, "burst": BURST_MATCHING}
    return {
        "limits_per_currency": False,
        "non_matching_engine": {"rate": 20, "burst": 100},
        "matching_engine": {
            "trading": {"total": matching},
            "spot": matching,
            "cancel_all": matching,
        },
    }


_ALWAYS_ZERO: Final = (
    "additional_reserve",
    "spot_reserve",
    "locked_balance",
    "fee_balance",
    "estimated_liquidation_ratio",
)


def _greeks(venue: Venue, account: Account, currency: Currency) -> dict[str, float]:
    """Sum the greeks: `delta_total` premium-adjusted, `options_delta` not (PROTOCOL §13)."""
    total = {
        "delta_total": 0.0,
        "projected_delta_total": 0.0,
        "options_delta": 0.0,
        "options_gamma": 0.0,
        "options_vega": 0.0,
        "options_theta": 0.0,
    }
    for name, position in account.positions.items():
        book = venue.books.get(name)
        if book is None or book.instrument.currency != currency:
            continue
        units = float(position.quantity)
        delta = _delta(book, size=position.quantity)
        greeks = book.quotes.greeks if book.quotes is not None else None
        if book.instrument.kind is Kind.OPTION and greeks is not None:
            total["options_delta"] += delta
            total["options_gamma"] += greeks.gamma * units
            total["options_vega"] += greeks.vega * units
            total["options_theta"] += greeks.theta_venue * units
            premium = float(book.mark) if book.instrument.is_inverse else 0.0
            delta -= premium * units
        total["delta_total"] += delta
    total["projected_delta_total"] = total["delta_total"]
    return total


def _delta(book: Book, *, size: Decimal) -> float:
    if book.instrument.kind is Kind.OPTION:
        greeks = book.quotes.greeks if book.quotes is not None else None
        return greeks.delta * float(size) if greeks is not None else 0.0
    return float(_coins(book, size=size))


def _coins(book: Book, *, size: Decimal) -> Fraction:
    if not is_sized_in_usd(book.instrument):
        return Fraction(size)
    return Fraction(size) / Fraction(book.mark) if book.mark > 0 else Fraction(0)
