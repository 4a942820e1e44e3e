"""The policy's identity, printed in every capsule and status [C-004]."""

import hashlib
from typing import Final

import msgspec

from bot.policy.outline import figures
from bot.policy.policy import Policy

__all__ = ["policy_hash"]

_VERSION: Final = "bot.policy/1"


def policy_hash(policy: Policy) -> str:
    """Return the SHA-256 over the policy's values, lower-case hex.

    Comments, order of lines and spelling of numbers (0.1, 0.10) do not change it; values do.
    """
    return hashlib.sha256(canonical_policy(policy)).hexdigest()


def canonical_policy(policy: Policy) -> bytes:
    """Return the bytes that stand for a policy: JSON of version and (path, values), in order."""
    return msgspec.json.encode([_VERSION, list(figures(policy))])
