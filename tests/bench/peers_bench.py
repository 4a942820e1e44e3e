"""F5 beside other engines, where they are installed: quotes a second over one recorded feed.

    python -m tests.bench.peers_bench [--frames 3000] [--json]

NautilusTrader and hftbacktest are no dependencies of this project. Where one is absent this says so
and measures ours alone: a row is never dropped, and never filled from somebody's page. What a peer
does not do in such a run stands beside its figure. The drivers follow the peers' published
interfaces and have not been run here; a peer whose interface has moved is reported with its error.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from bot.domain.report import Ticker
from bot.venue.envelope import decode_envelope
from bot.venue.wire.notification import decode_notification
from tests.bench.exchange_frames import Feed, collect
from tests.bench.feed_figures import decode_and_step

PAIRS: Final = 5  # ours and theirs in turn; the median counts


class Quote(NamedTuple):
    """One best bid and ask of the perpetual, in the form that a peer's own is made from."""

    at_ns: int
    bid: float
    bid_size: float
    ask: float
    ask_size: float


def quotes_of(feed: Feed) -> list[Quote]:
    """Take the perpetual's quotes out of a feed, before any clock starts."""
    found = []
    for number, frame in enumerate(feed.frames):
        notification = decode_envelope(frame).notification
        if notification is None:
            continue
        for report in decode_notification(notification.channel, data=notification.data):
            is_quote = isinstance(report, Ticker) and report.instrument == "BTC-PERPETUAL"
            if is_quote and report.bid is not None and report.ask is not None:
                sides = (report.bid.price, report.bid.amount, report.ask.price, report.ask.amount)
                found.append(Quote(report.at_ms * 1_000_000 + number, *map(float, sides)))
    return found


def nautilus(quotes: list[Quote]) -> float:
    """Return quotes a second of its BacktestEngine with a strategy that only listens."""
    engines = import_module("nautilus_trader.backtest.engine")
    config = import_module("nautilus_trader.config")
    data = import_module("nautilus_trader.model.data")
    enums = import_module("nautilus_trader.model.enums")
    names = import_module("nautilus_trader.model.identifiers")
    objects = import_module("nautilus_trader.model.objects")
    currencies = import_module("nautilus_trader.model.currencies")
    kit = import_module("nautilus_trader.test_kit.providers")
    engine = engines.BacktestEngine(
        engines.BacktestEngineConfig(logging=config.LoggingConfig(bypass_logging=True))
    )
    engine.add_venue(
        venue=names.Venue("BINANCE"),
        oms_type=enums.OmsType.NETTING,
        account_type=enums.AccountType.MARGIN,
        base_currency=None,
        starting_balances=[objects.Money(1_000_000, currencies.USDT)],
    )
    instrument = kit.TestInstrumentProvider.btcusdt_perp_binance()
    engine.add_instrument(instrument)
    engine.add_data(
        [
            data.QuoteTick(
                instrument_id=instrument.id,
                bid_price=instrument.make_price(quote.bid),
                ask_price=instrument.make_price(quote.ask),
                bid_size=instrument.make_qty(quote.bid_size),
                ask_size=instrument.make_qty(quote.ask_size),
                ts_event=quote.at_ns,
                ts_init=quote.at_ns,
            )
            for quote in quotes
        ]
    )
    began = time.perf_counter()
    engine.run()
    took = time.perf_counter() - began
    engine.dispose()
    return len(quotes) / took


def hftbacktest(quotes: list[Quote]) -> float:
    """Return quotes a second of its depth backtest, driven from Python a feed event at a time."""
    numpy = import_module("numpy")
    hft = import_module("hftbacktest")
    types = import_module("hftbacktest.types")
    flags = types.DEPTH_EVENT | types.EXCH_EVENT | types.LOCAL_EVENT
    events = numpy.zeros(2 * len(quotes), dtype=types.event_dtype)
    for number, quote in enumerate(quotes):
        for side, price, size, row in (
            (types.BUY_EVENT, quote.bid, quote.bid_size, events[2 * number]),
            (types.SELL_EVENT, quote.ask, quote.ask_size, events[2 * number + 1]),
        ):
            row["ev"], row["px"], row["qty"] = flags | side, price, size
            row["exch_ts"] = row["local_ts"] = quote.at_ns
    asset = hft.BacktestAsset().data(events).linear_asset(1.0).constant_order_latency(0, 0)
    asset = asset.tick_size(0.5).lot_size(1.0)
    backtest = hft.HashMapMarketDepthBacktest([asset])
    began = time.perf_counter()
    while backtest.wait_next_feed(False, 10_000_000_000) in (0, 2):
        pass
    took = time.perf_counter() - began
    backtest.close()
    return len(quotes) / took


PEERS: Final[tuple[tuple[str, Callable[[list[Quote]], float], str], ...]] = (
    ("nautilus_trader", nautilus, "no durable record before an order, no capsule of a decision"),
    ("hftbacktest", hftbacktest, "compiled; no order's life beyond the queue, no record at all"),
)


def compare(feed: Feed) -> list[dict[str, Any]]:
    """Return a row a peer, ours interleaved with it."""
    quotes, rows = quotes_of(feed), []
    for name, drive, does_not in PEERS:
        row: dict[str, Any] = {"peer": name, "does_not_do": does_not}
        if find_spec(name) is None:
            row |= {"installed": False, "why": f"{name} is not installed: nothing was compared"}
            rows.append({**row, "ours_events_per_s": _ours(feed)})
            continue
        try:
            pairs = [(_ours(feed), drive(quotes)) for _ in range(PAIRS)]
        except Exception as error:  # noqa: BLE001  # a foreign program, of a version not known here
            rows.append({**row, "installed": True, "why": f"its driver failed: {error!r}"})
            continue
        ratios = sorted(mine / theirs for mine, theirs in pairs)
        ours, theirs = pairs[len(pairs) // 2]
        row |= {"installed": True, "ours_events_per_s": ours, "peer_events_per_s": round(theirs)}
        rows.append({**row, "ratio": round(ratios[len(ratios) // 2], 3)})
    return rows


def _ours(feed: Feed) -> int:
    return int(decode_and_step(feed)["events_per_s"])


def main() -> int:
    """Compare, and print a row a peer; 0 also when none is installed, since that is an answer."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--frames", type=int, default=3_000)
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows = compare(collect(Path(folder), count=given.frames))
    if given.json:
        document = {"schema": "bot.bench-peers/1", "peers": rows}
        sys.stdout.write(f"{msgspec.json.encode(document).decode()}\n")
    else:
        sys.stdout.write("".join(f"{row}\n" for row in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
