"""What a JSON-RPC frame is about, read without the engine's own decoder."""

import msgspec

__all__ = ["ORDER_METHODS", "Frame", "is_cancel", "label_in", "read_frame"]

ORDER_METHODS = frozenset({"private/buy", "private/sell", "private/edit"})


class _Params(msgspec.Struct, frozen=True):
    label: str | None = None
    channel: str | None = None


class Frame(msgspec.Struct, frozen=True):
    """A request, an answer (no method) or a notification (no id)."""

    id: int | None = None
    method: str | None = None
    params: _Params = _Params()


def read_frame(text: bytes) -> Frame | None:
    """Read a frame; None when it is none."""
    try:
        return msgspec.json.decode(text, type=Frame)
    except msgspec.DecodeError:
        return None


def is_cancel(method: str) -> bool:
    """Say whether a method cancels orders."""
    return method.startswith("private/cancel")


def label_in(text: bytes) -> str | None:
    """Return the label of a frame that places an order; None for any other."""
    frame = read_frame(text)
    if frame is None or frame.method not in ORDER_METHODS:
        return None
    return frame.params.label
