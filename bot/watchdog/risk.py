"""Which resting orders could add risk, and how they come off, ever more bluntly [C-305]. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.ids import Label, OrderId
from bot.domain.report import OrderReport

__all__ = ["BY_ID_MAX", "ById", "ByLabel", "Everything", "Step", "risky", "steps"]

BY_ID_MAX: Final = 10  # at once; the venue takes 20, of which an exit may want some
_BY_LABEL_FROM: Final = 2  # tries that have not helped
_EVERYTHING_FROM: Final = 3


@dataclass(frozen=True, slots=True)
class ById:
    """Cancel one order."""

    order_id: OrderId


@dataclass(frozen=True, slots=True)
class ByLabel:
    """Cancel all orders of a label: reaches requests that still queue before the book (§10)."""

    label: Label


@dataclass(frozen=True, slots=True)
class Everything:
    """Cancel all that rests, exits among it: no order is left that could add risk."""


Step = ById | ByLabel | Everything


def risky(orders: Sequence[OrderReport]) -> tuple[OrderReport, ...]:
    """Return what could add risk when it fills; a reduce-only order cannot, and may stay."""
    return tuple(order for order in orders if not order.reduce_only)


def steps(seen: Sequence[OrderReport] | None, *, tries: int) -> tuple[Step, ...]:
    """Say how to take off what rests; `tries` counts the rounds before this one that did not help.

    `seen` are the risky ones; None when the list cannot be read: then everything comes off unseen.
    """
    if seen is None or len(seen) > BY_ID_MAX or (seen and tries >= _EVERYTHING_FROM):
        return (Everything(),)
    if tries < _BY_LABEL_FROM:
        return tuple(ById(order.order_id) for order in seen)
    labels = dict.fromkeys(order.label for order in seen if order.label is not None)
    bare = tuple(ById(order.order_id) for order in seen if order.label is None)
    return (*(ByLabel(label) for label in labels), *bare)
