"""From the text of `trading_policy.yaml` to a policy that may be used [C-003, C-005]."""

from operator import attrgetter
from typing import Any

from bot.policy.fault import PolicyInvalid
from bot.policy.policy import Policy
from bot.policy.read import Reading, read
from bot.policy.stage import CAPPED, Stage

__all__ = ["load"]


def load(text: str, *, source: str, stage: Stage | None = None) -> Policy:
    """Read and check a policy; with a stage, also that no limit is wider than the stage's cap.

    `source` names the file for the error. Raises PolicyInvalid with all faults at once: unknown,
    missing or repeated fields, wrong types, numbers that are none, 0 or less or out of range,
    limits wider than their cap. A limit that is too wide is refused and never quietly cut.
    """
    reading = Reading()
    policy: Policy | None = read(text, block=Policy, reading=reading)
    if policy is not None:
        _check_order(policy, reading)
        _check_caps(policy, stage, reading)
    if policy is None or reading.faults:
        raise PolicyInvalid(source, faults=tuple(sorted(reading.faults, key=attrgetter("line"))))
    return policy


def _check_order(policy: Policy, reading: Reading) -> None:
    allowed = policy.allowed
    if allowed.expiry_minutes_min >= allowed.expiry_days_max * 24 * 60:
        path = "allowed.expiry_minutes_min"
        must = f"below expiry_days_max, {allowed.expiry_days_max} days"
        was = f"{allowed.expiry_minutes_min} minutes"
        reading.fault(reading.lines[path], path, was=was, must=must)
    for cap in CAPPED:
        micro, full = getattr(policy.stages.micro_live, cap), getattr(policy.stages.full, cap)
        if micro > full:
            path = f"stages.micro_live.{cap}"
            reading.fault(
                reading.lines[path], path, was=str(micro), must=f"at most {full}, as in full"
            )


def _check_caps(policy: Policy, stage: Stage | None, reading: Reading) -> None:
    if stage is None:
        return
    caps = getattr(policy.stages, stage.value)
    for cap, (block, field) in CAPPED.items():
        limit: Any = getattr(getattr(policy, block), field)
        widest: Any = getattr(caps, cap)
        if limit > widest:
            path = f"{block}.{field}"
            reading.fault(
                reading.lines[path],
                path,
                was=str(limit),
                must=f"at most {widest}, the cap of stage {stage.value}",
            )
