"""Taking orders off the venue until its own list shows none that could add risk [C-305, C-505]."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from bot.domain.ids import Currency
from bot.venue.purse import Purse
from bot.venue.read import ReadFailed
from bot.venue.secret import Credentials
from bot.watchdog.diary import Diary
from bot.watchdog.reach import Reach, VenueAway, open_reach
from bot.watchdog.risk import Step, risky, steps

__all__ = ["LOOK_ON_S", "Hands", "take_off"]

_AGAIN_S: Final = 0.5  # after a round that took something off, to see that it is gone
_AGAIN_S_MAX: Final = 10.0
LOOK_ON_S: Final = 60.0  # what was on its way when the engine fell silent has arrived by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What it is done with."""

    endpoint: Path
    credentials: Credentials
    currency: Currency
    purse: Purse


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round: how many it saw (None: it could not read), and how many steps the venue took."""

    seen: int | None
    done: int
    why_not: str = ""


async def take_off(
    hands: Hands, *, diary: Diary, is_dead: Callable[[], bool], on_act: Callable[[], None]
) -> int:
    """Go on, round after round, while the engine is dead; return how many steps the venue took.

    `on_act` is called before the first cancel leaves. Once the list has shown none for LOOK_ON_S
    the work is done, and what an owner then places by hand is left alone.
    """
    done, tries, pause_s = 0, 0, _AGAIN_S
    clear_since: float | None = None
    told = ""
    while is_dead():
        found = await _round(hands, tries=tries, on_act=on_act)
        done += found.done
        if found.seen == 0:
            if clear_since is None:
                clear_since = trio.current_time()
                diary.note("clear", "nothing that could add risk rests at the venue", done=done)
            if trio.current_time() - clear_since > LOOK_ON_S:
                break
            tries = 0
        else:
            clear_since, tries = None, tries + 1
            words = _words(found)
            if words != told:  # a venue that is away for hours is one line
                seen = -1 if found.seen is None else found.seen
                diary.note("round", words, tries=tries, seen=seen, done=found.done)
            told = words
        pause_s = _AGAIN_S if found.done else min(pause_s * 2, _AGAIN_S_MAX)
        await trio.sleep(pause_s)
    return done


def _words(found: Round) -> str:
    rest = "what rests is not known" if found.seen is None else f"{found.seen} could add risk"
    trouble = f": {found.why_not}" if found.why_not else ""
    return f"{rest}, {found.done} cancels taken by the venue{trouble}"


async def _round(hands: Hands, *, tries: int, on_act: Callable[[], None]) -> Round:
    async with open_reach(
        hands.endpoint,
        credentials=hands.credentials,
        currency=hands.currency,
        purse=hands.purse,
    ) as reach:
        if isinstance(reach, VenueAway):
            return Round(seen=None, done=0, why_not=reach.why)
        listed = await reach.resting()
        seen = None if isinstance(listed, ReadFailed) else risky(listed)
        why_not = listed.why if isinstance(listed, ReadFailed) else ""
        wanted = steps(seen, tries=tries)
        if not wanted:
            return Round(seen=0, done=0)
        on_act()
        failures: list[str] = []
        async with trio.open_nursery() as nursery:
            for step in wanted:
                nursery.start_soon(_carry_out, reach, step, failures)
        why_not = "; ".join(dict.fromkeys([*filter(None, [why_not]), *failures]))
        return Round(
            seen=None if seen is None else len(seen),
            done=len(wanted) - len(failures),
            why_not=why_not[:300],
        )


async def _carry_out(reach: Reach, step: Step, failures: list[str]) -> None:
    why_not = await reach.carry_out(step)
    if why_not is not None:
        failures.append(why_not)
