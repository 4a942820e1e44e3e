"""What is wrong with a policy file: all of it at once, each with its line."""

from dataclasses import dataclass

__all__ = ["Fault", "PolicyInvalid"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `line` counts from 1; `was` is what stands there, `must` what should.

    `nearest` is the known field or word that looks most like a misspelt one, else empty.
    """

    line: int
    field: str
    was: str
    must: str
    nearest: str = ""


class PolicyInvalid(Exception):  # noqa: N818  # the name that callers and documents use
    """A policy that cannot be used, with every fault found, by line."""

    def __init__(self, source: str, *, faults: tuple[Fault, ...]) -> None:
        """Keep the facts; the wording is the caller's."""
        first = faults[0]
        super().__init__(f"{source} line {first.line}, {first.field}: {first.was}")
        self.source = source
        self.faults = faults
