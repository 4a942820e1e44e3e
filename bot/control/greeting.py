"""What a client said of itself, and what it may therefore not do (UX §2.2)."""

import os
from typing import Final, final

from bot.control import faults
from bot.control.errors import ErrorBody
from bot.control.verbs import PROTOCOLS, HelloArgs, VerbKind
from bot.control.view import View

__all__ = ["Greeting", "hello_of"]

_GROWS_ONLY: Final = frozenset({"hello", "status", "health"})  # served in every protocol


@final
class Greeting:
    """One client's greeting so far. Reading needs none; neither does tightening."""

    def __init__(self) -> None:
        self._is_known = False
        self._is_reader = False
        self._is_foreign = False  # no protocol in common

    def greet(self, args: HelloArgs) -> ErrorBody | None:
        """Take a greeting; return PROTOCOL when no version is common."""
        if args.protocol not in PROTOCOLS:
            self._is_foreign = True
            what = f"this client speaks protocol {args.protocol}"
            return faults.no_protocol(what, protocols=PROTOCOLS)
        self._is_foreign = False
        self._is_known = True
        # Once a reader, always a reader: a second greeting must not win back what was given up.
        self._is_reader = self._is_reader or args.read_only
        return None

    @property
    def is_reader(self) -> bool:
        """True when the client said that it only reads."""
        return self._is_reader

    def refusal(self, verb: str, *, kind: VerbKind) -> ErrorBody | None:
        """Say why this client may not use this verb now, if so."""
        if self._is_foreign and verb not in _GROWS_ONLY:
            return faults.no_protocol("no common protocol version", protocols=PROTOCOLS)
        if not kind.changes:
            return None
        if self._is_reader:
            return faults.read_only(verb)
        # A client may tighten with its very first frame: the kept place depends on it.
        if not self._is_known and kind is not VerbKind.TIGHTEN:
            return faults.no_protocol(f'"{verb}" before the verb hello', protocols=PROTOCOLS)
        return None


def hello_of(view: View, *, now: str) -> dict[str, object]:
    """Return the body of the server's first frame."""
    return {
        "protocol": PROTOCOLS[-1],
        "protocols": PROTOCOLS,
        "run_id": view.health.run_id,
        "build_id": view.health.build_id,
        "contract_version": view.health.contract_version,
        "environment": view.status.environment,
        "stage": view.status.stage,
        "pid": os.getpid(),
        "now": now,
    }
