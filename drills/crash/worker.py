"""One worker of the crash matrix: one home, one exchange, one crash after the other.

Run as a process: `python -m drills.crash.worker HOME SEED CYCLES`. Each line that it writes is a
JSON document: one for each cycle, and the verdict as the last.
"""

import random
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from bot.engine.embedded import ensure_exchange, stop_exchange
from bot.engine.home import Home, make_home
from drills.crash.act import engine, migration
from drills.crash.cycle import Ended, run_forked
from drills.crash.older import make_older
from drills.crash.point import SPOTS, Point, Spot
from drills.crash.trap import Set
from drills.judge import judge, sent_before_durable
from drills.lively import CHURN, PATIENT, make_lively, somewhere
from drills.story import VenueStory
from drills.witness_ledger import read_recorded, read_story
from drills.witness_venue import ask_placed, ask_story
from ledger.errors import LedgerAbsent

__all__ = ["Cycle", "Verdict", "main"]

LIMIT_S: Final = 8.0  # a spot that is not passed by then is missed, and the engine killed there
HEAL_S: Final = 6.0  # valid_until of 1 s, its margin, and two reconciliations
HEAL_TRIES: Final = 5
_CANCELS: Final = frozenset({Point.BEFORE_CANCEL_SEND, Point.AFTER_CANCEL_SEND})
_PATIENT_SHARE: Final = 0.2  # of the other cycles: a crash meets orders that rest


class Cycle(msgspec.Struct, frozen=True, kw_only=True, tag="cycle"):
    """One crash. `early` are orders that the venue had and the ledger had not, right after it."""

    point: str
    spot: str
    passing: int
    is_hit: bool
    fault: str | None
    early: tuple[str, ...]
    seconds: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True, tag="verdict"):
    """What was found in the end, by figure, and what the worker went through."""

    findings: dict[str, tuple[str, ...]]
    orders: int
    fills: int
    records: int
    causes: tuple[str, ...]
    seconds: float


def main(words: list[str]) -> int:
    """Do a worker's share; the lines are on stdout."""
    folder, seed, cycles = Path(words[0]), int(words[1]), int(words[2])
    worker = _Worker(make_home(folder), seed=seed)
    for _ in range(cycles):
        _say(worker.cycle())
    _say(worker.verdict())
    return 0


class _Worker:
    def __init__(self, home: Home, *, seed: int) -> None:
        self._home, self._seed = home, seed
        self._draw = random.Random(seed)  # noqa: S311  # which spot is next, no secrets
        self._hits: Counter[Point] = Counter()
        self._tries: Counter[str] = Counter()
        self._durable: set[str] = set()
        self._read_to = 0
        self._began = time.monotonic()

    def cycle(self) -> Cycle:
        """Start the engine on what the last crash left, and kill it at the point that is due."""
        began = time.monotonic()
        self._exchange()
        point, spot = self._due()
        passing = self._draw.randint(1, spot.passes)
        set_ = Set(spot=spot.name, passing=passing, share=self._draw.random())
        is_migration = point is Point.DURING_MIGRATE
        ended = self._migrate(set_) if is_migration else self._trade(point, set_)
        self._hits[point] += ended.is_sprung
        self._exchange()  # an engine that came to its end has stopped it
        return Cycle(
            point=point.value,
            spot=spot.name,
            passing=passing,
            is_hit=ended.is_sprung,
            fault=ended.fault,
            early=self._early(),
            seconds=round(time.monotonic() - began, 3),
        )

    def verdict(self) -> Verdict:
        """Let a quiet engine heal what is left, then hear both witnesses."""
        fault = self._heal()
        self._exchange()
        venue, ledger = ask_story(self._home.path), read_story(self._home.path)
        self._stop()
        found = judge(venue, ledger).findings()
        if fault is not None:
            found["unresolved"] = (*found["unresolved"], f"the last run ended badly: {fault}")
        return Verdict(
            findings=found,
            orders=len(venue.placed),
            fills=len(venue.traded),
            records=self._read_to,
            causes=ledger.causes,
            seconds=round(time.monotonic() - self._began, 3),
        )

    def _trade(self, point: Point, set_: Set) -> Ended:
        is_patient = point in _CANCELS or self._draw.random() < _PATIENT_SHARE
        strategy = somewhere(PATIENT if is_patient else CHURN, draw=self._draw)
        make_lively(self._home.path, strategy=strategy)
        for_s = self._draw.uniform(0.5, 1.5) if point is Point.DURING_SHUTDOWN else None
        act = engine(self._home.path, for_s=for_s, strategy=None)
        return run_forked(self._home.path, act, set_=set_, limit_s=LIMIT_S)

    def _migrate(self, set_: Set) -> Ended:
        """Kill a migration, and let the next one end: an engine takes no older ledger."""
        make_older(self._home.path)
        act = migration(self._home.path)
        ended = run_forked(self._home.path, act, set_=set_, limit_s=LIMIT_S)
        again = run_forked(self._home.path, act, set_=None, limit_s=LIMIT_S)
        return replace(ended, fault=ended.fault or again.fault)

    def _heal(self) -> str | None:
        """Run an engine that proposes nothing until no order is in doubt, a few times at most."""
        for _ in range(HEAL_TRIES):
            self._exchange()
            quiet = engine(self._home.path, for_s=HEAL_S, strategy="heartbeat")
            ended = run_forked(self._home.path, quiet, set_=None, limit_s=60.0)
            if ended.fault is not None or not read_story(self._home.path).unsettled:
                break
        self._exchange()
        self._early()
        return ended.fault

    def _due(self) -> tuple[Point, Spot]:
        """Choose the point with the fewest hits, and the spot of it that was tried least."""
        points = [p for p in Point if p is not Point.DURING_MIGRATE or self._read_to > 0]
        fewest = min(self._hits[point] for point in points)
        point = self._draw.choice([point for point in points if self._hits[point] == fewest])
        least = min(self._tries[spot.name] for spot in SPOTS[point])
        spot = self._draw.choice([spot for spot in SPOTS[point] if self._tries[spot.name] == least])
        self._tries[spot.name] += 1
        return point, spot

    def _early(self) -> tuple[str, ...]:
        """Name what the venue has and the ledger has not, at this moment."""
        placed = ask_placed(self._home.path)
        try:
            self._read_to, labels = read_recorded(self._home.path, after=self._read_to)
        except LedgerAbsent:
            labels = ()  # killed before the ledger was made
        self._durable.update(labels)
        venue = VenueStory(placed=placed, traded=(), open_labels=frozenset(), positions={})
        return sent_before_durable(venue, self._durable)

    def _exchange(self) -> None:
        # Before the engine does it: so the exchange is our child, and reaped when it ends.
        ensure_exchange(self._home, seed=self._seed, market=None, speed=1.0)

    def _stop(self) -> None:
        exchange = ensure_exchange(self._home, seed=self._seed, market=None, speed=1.0)
        stop_exchange(self._home, exchange)


def _say(document: msgspec.Struct) -> None:
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
