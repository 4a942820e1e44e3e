"""The pages hold together: links lead somewhere, words exist, every reason has its entry."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from bot.control.errors import EXITS
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.reason import Reason
from bot.domain.report import Level
from bot.domain.side import Side
from bot.strategy.interface import Place, PlaceGroup, Quote, View
from tests.bot.strategy.scene import CALL, PUT, group, view
from tests.docs.pages import PAGES, ROOT, anchors, blocks

RUNBOOK = ROOT / "docs/runbook.md"
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
PARTS = ("**You see**", "**It means**", "**Do**", "**Do not**", "**Command** `bot ")


def entries() -> dict[str, str]:
    heads = re.split(r"^### ([A-Z_]+)$", RUNBOOK.read_text(), flags=re.MULTILINE)
    return dict(zip(heads[1::2], heads[2::2], strict=True))


@pytest.mark.rule("C-010")
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_leads_to_what_to_do(reason: Reason) -> None:
    assert reason.value.lower() in anchors(RUNBOOK)
    for part in PARTS:
        assert entries()[reason.value].count(part) == 1, part


@pytest.mark.rule("C-010")
def test_the_runbook_explains_no_reason_that_does_not_exist() -> None:
    assert set(entries()) == {reason.value for reason in Reason}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        if target.startswith("http"):
            continue
        found = page if not target else (page.parent / target).resolve()
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_place_of_one_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(?:home|root|tmp|work|Users|opt)/", page.read_text())


def test_every_word_of_the_glossary_is_in_the_code() -> None:
    code = "\n".join(
        path.read_text()
        for package in ("bot", "ledger", "cockpit", "commands")
        for path in sorted((ROOT / package).rglob("*.py"))
    )
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| `([^`]+)` \|$", _glossary(), re.MULTILINE)
    assert len(rows) > 50
    absent = [word for word in rows if not re.search(rf"\b{re.escape(word)}\b", code)]
    assert not absent


def test_the_glossary_says_each_word_once() -> None:
    words = re.findall(r"^\| ([^|]+) \| [^|]+ \| `", _glossary(), re.MULTILINE)
    assert len(words) == len(set(words))


def test_the_picture_in_the_readme_is_the_one_in_the_folder() -> None:
    picture = (ROOT / "docs/img/watch.txt").read_text().rstrip()
    lines = picture.splitlines()
    assert picture in (ROOT / "README.md").read_text()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_the_routes_of_the_socket_page_are_served() -> None:
    routes = re.findall(r"`(?:GET|POST) (/[^`]+)`", (ROOT / "docs/socket.md").read_text())
    source = (ROOT / "bot/control/http.py").read_text()
    assert len(routes) == 5
    assert all(f'"{route}"' in source for route in routes)


def test_every_exit_code_is_on_its_page() -> None:
    page = (ROOT / "docs/exit_codes.md").read_text()
    assert all(f"| {int(row.code)} | {row.name} |" in page for row in EXITS)


@pytest.mark.rule("C-909")
def test_the_example_of_a_strategy_buys_once(perpetual: Instrument) -> None:
    example, _ = blocks(ROOT / "docs/strategy_interface.md", language="python")
    space: dict[str, object] = {}
    exec(compile(example, "example", "exec"), space)  # noqa: S102  # our own page
    strategy = space["ONE_CONTRACT"]

    seen = View(
        now_ms=1_764_000_000_000,
        mode=Mode.ACTIVE,
        currency=perpetual.currency,
        index=Price(perpetual.contract_size * 6_000),
        instruments={perpetual.name: perpetual},
        quotes={
            perpetual.name: Quote(
                bid=None,
                ask=Level(Price(perpetual.contract_size * 6_000), Amount(perpetual.amount_min)),
                mark=Price(perpetual.contract_size * 6_000),
                age_ms=10,
            )
        },
        held={},
        orders=(),
        delta_total=0.0,
        hedge=perpetual.name,
        hedged_ms=None,
        realised_vol=None,
        move_day=None,
    )
    proposals = strategy.decide(seen, strategy.defaults)  # type: ignore[attr-defined]  # from exec
    assert [(type(p), p.side, p.amount) for p in proposals] == [(Place, Side.BUY, 10)]


@pytest.mark.rule("C-909")
def test_the_example_of_a_group_sells_one_option_against_another() -> None:
    _, example = blocks(ROOT / "docs/strategy_interface.md", language="python")
    space: dict[str, object] = {}
    exec(compile(example, "example", "exec"), space)  # noqa: S102  # our own page
    strategy = space["PAIR"]

    params = {**strategy.defaults, "sold": CALL, "bought": PUT}  # type: ignore[attr-defined]  # from exec
    assert strategy.universe({}, 0, params) == {CALL, PUT}  # type: ignore[attr-defined]  # from exec
    (pair,) = strategy.decide(view(), params)  # type: ignore[attr-defined]  # from exec
    assert isinstance(pair, PlaceGroup)
    assert [(leg.instrument, leg.side) for leg in pair.legs] == [(CALL, Side.SELL), (PUT, Side.BUY)]
    assert pair.size == Decimal("0.1")
    assert strategy.decide(view(group=group("WORKING")), params) == ()  # type: ignore[attr-defined]  # from exec


def _glossary() -> str:
    return (ROOT / "docs/glossary.md").read_text()
