"""Reading a tracer's lines: what counts is where a barrier ended and where a send began."""

import json

import pytest

from drills.wal_order.syscalls import read_calls

LABEL = "bd-4f1c09aa-" + "0" * 48
LOG = "/home/x/ledger.db-wal"
MASK = bytes([1, 2, 3, 4])


def hexed(data: bytes) -> str:
    """Write bytes as the tracer does."""
    return "".join(f"\\x{byte:02x}" for byte in data)


def write(path: str = LOG, *, label: str = LABEL) -> str:
    """Return the line of a write that holds a label."""
    return f'7 pwrite64(10<{hexed(path.encode())}>, "{hexed(b"..." + label.encode())}", 63, 0) = 63'


def sync(path: str = LOG, *, answer: str = "= 0") -> str:
    """Return the line of a barrier."""
    return f"7 fdatasync(10<{hexed(path.encode())}>) {answer}"


def send(label: str = LABEL) -> str:
    """Return the line of an order's frame: RFC 6455 §5.2, masked as a client must."""
    request = {"id": 1, "method": "private/sell", "params": {"label": label, "amount": 0.3}}
    text = json.dumps(request).encode()
    head = bytes([0x81, 0x80 | 126]) + len(text).to_bytes(2, "big") + MASK
    masked = bytes(byte ^ MASK[n % 4] for n, byte in enumerate(text))
    return f'8 sendto(12<{hexed(b"socket:[1]")}>, "{hexed(head + masked)}", 9, 0, NULL, 0) = 9'


@pytest.mark.rule("C-201")
@pytest.mark.parametrize(
    ("lines", "is_in_order"),
    [
        ([write(), sync(), send()], True),
        ([write(), send(), sync()], False),
        ([write(), send()], False),
        ([sync(), write(), send()], False),  # the barrier covers what came before it
        ([write(), sync(answer="= -1 EIO (Input/output error)"), send()], False),
        ([write(), sync("/home/x/ledger.db"), send()], False),  # another file's
        ([write("/home/x/ledger.db"), sync(), send()], False),
        # Begun, and not back yet when the send begins.
        ([write(), f"7 fdatasync(10<{hexed(LOG.encode())}> <unfinished ...>", send()], False),
        (
            [
                write(),
                f"7 fdatasync(10<{hexed(LOG.encode())}> <unfinished ...>",
                "7 <... fdatasync resumed>) = 0",
                send(),
            ],
            True,
        ),
    ],
)
def test_the_barrier_must_be_back_before_the_send_begins(
    lines: list[str], is_in_order: bool
) -> None:
    (order,) = read_calls(lines)
    assert order.label == LABEL
    assert order.is_in_order is is_in_order


def test_a_frame_that_places_no_order_is_none() -> None:
    assert read_calls([write(), sync(), '8 sendto(12<socket:[1]>, "\\x81\\x80", 2, 0) = 2']) == ()
