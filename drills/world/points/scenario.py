"""The canonical scenarios: a few seconds of one life each, in a calm market."""

from dataclasses import dataclass
from typing import Final, final

from drills.world.points.script import Cue, amend, cross, leave, rest, withdraw

__all__ = ["SCENARIOS", "Scenario"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What its strategy does when, and for how long it is left alone before its orderly end."""

    says: str
    cues: tuple[Cue, ...]
    seconds: float
    faults: tuple[tuple[int, str], ...] = ()  # ms since the start, and the venue's fault then
    # A life before the one that is killed: its machine vanishes after so many seconds, and its
    # orders go on resting at the venue.
    prelude_s: float | None = None


SCENARIOS: Final = {
    "start": Scenario(
        says="an empty start, and an orderly end",
        cues=(),
        seconds=2.0,
    ),
    "rest": Scenario(
        says="an order that rests until the end takes it off",
        cues=(Cue(1_500, rest),),
        seconds=3.0,
    ),
    "fill": Scenario(
        says="an order across the spread, and its fill",
        cues=(Cue(1_500, cross),),
        seconds=3.0,
    ),
    "cancel": Scenario(
        says="an order that is placed and taken back",
        cues=(Cue(1_500, rest), Cue(2_500, withdraw)),
        seconds=4.0,
    ),
    "edit": Scenario(
        says="an order that is placed and made larger",
        cues=(Cue(1_500, rest), Cue(2_500, amend)),
        seconds=4.0,
    ),
    "exit": Scenario(
        says="a position that is closed again",
        cues=(Cue(1_500, cross), Cue(2_500, leave)),
        seconds=4.0,
    ),
    "line-cut": Scenario(
        says="an order whose answer is lost with the line, which cancels it",
        cues=(Cue(2_200, rest),),
        seconds=5.0,
        faults=((2_100, "reply_lost"),),
    ),
    "unknown-rests": Scenario(
        says="an order that is taken on a line that falls silent: in doubt, then found",
        cues=(Cue(2_200, rest),),
        seconds=23.0,
        faults=((2_100, "half_open"),),
    ),
    "unknown-filled": Scenario(
        says="an order that is filled on a line that falls silent: in doubt, then found",
        cues=(Cue(2_200, cross),),
        seconds=23.0,
        faults=((2_100, "half_open"),),
    ),
    "unknown-edit": Scenario(
        says="an edit that is carried out on a line that falls silent",
        cues=(Cue(1_500, rest), Cue(2_700, amend)),
        seconds=23.0,
        faults=((2_550, "half_open"),),
    ),
    "unknown-absent": Scenario(
        says="an order that never arrives: in doubt, then proven absent",
        cues=(Cue(2_200, rest),),
        seconds=7.0,
        faults=((2_100, "request_cut"),),
    ),
    "reconcile": Scenario(
        says="a start with a position and a resting order of a life that vanished",
        cues=(Cue(1_500, rest), Cue(1_500, cross)),
        seconds=6.0,
        prelude_s=3.5,
    ),
}
