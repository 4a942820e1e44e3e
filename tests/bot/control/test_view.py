"""The status document fits the operator's schema, connected or not."""

import json
import re

import msgspec
import pytest

from bot.control.ending import (
    Ending,
    NeverStarted,
    NotConnected,
    Stopped,
    StoppedBadly,
    ending_status,
)
from bot.control.view import (
    Alerts,
    Certificate,
    Clock,
    Containment,
    Evidence,
    Latch,
    ModeWord,
    Reconcile,
    Rollout,
    Stage,
    Status,
    Watchdog,
)
from bot.domain.mode import Environment
from tests.bot.control.fake_engine import AT, a_cause, a_proof, a_status
from tests.bot.control.schema import faults_of
from tests.shared import shared

pytestmark = pytest.mark.rule("C-602")

FULL = a_status(
    mode=ModeWord.KILL,
    stage=Stage.MICRO,
    causes=(a_cause(), a_cause("LOSS_DAY")),
    latch=Latch(open=False, proofs=(a_proof(1, held=False, at=None),)),
    containment=Containment(cancelled=1, of=2, policy="hold"),
    reconcile=Reconcile(number=1, at=AT, passed=True, difference=None),
    clock=Clock(offset_ms=0.4, bound_ms=1.1, limit_ms=50),
    watchdog=Watchdog(up=False, beat_age_ms=None, cancel_on_disconnect=True),
    evidence=Evidence(coverage_pct=100.0, queued=0),
    alerts=Alerts(waiting=0, failed=0),
    rollout=Rollout(release="2026.11.2", stage=Stage.MICRO, day=3, days=5),
    certificate=Certificate(id="c", valid_until=AT),
)
ENDINGS: tuple[Ending, ...] = (
    NeverStarted(home="~/bot"),
    NotConnected(environment=Environment.LIVE, last_seen=AT, age_ms=41_000),
    Stopped(environment=Environment.LIVE, ended=AT, by="owner", open_orders=0, positions=3),
    StoppedBadly(environment=Environment.PAPER, ended_about=AT, orders_live=2),
)


def schema() -> dict:
    text = shared("UX.md").read_text(encoding="utf-8")
    found = re.search(r'```json\n(\{"\$id":"bot\.status/1".*?)\n```', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize(
    "status",
    [a_status(), FULL, *(ending_status(ending, at=AT) for ending in ENDINGS)],
    ids=lambda status: status.headline,
)
def test_status_fits_the_schema(status: Status) -> None:
    document = json.loads(msgspec.json.encode(status))
    assert faults_of(document, schema=schema(), root=schema()) == []
    assert len(document["lines"]) == 3
    assert all(len(line) <= 80 for line in document["lines"])


def test_status_has_every_field_of_the_schema_and_no_other() -> None:
    document = json.loads(msgspec.json.encode(FULL))
    # `foreign` is ours: UX §3.2 has no place for strangers that wait for a decision [C-509].
    assert set(document) - {"foreign"} == set(schema()["properties"])


def test_status_comes_back_as_it_was() -> None:
    for status in (FULL, a_status(), *(ending_status(ending, at=AT) for ending in ENDINGS)):
        assert msgspec.json.decode(msgspec.json.encode(status), type=Status) == status


def test_reader_of_today_ignores_a_field_of_tomorrow() -> None:
    document = json.loads(msgspec.json.encode(FULL)) | {"tomorrow": 1}
    assert msgspec.convert(document, type=Status) == FULL
