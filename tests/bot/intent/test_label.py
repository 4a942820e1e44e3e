"""The label: ours, short, decodable, and nobody else's [C-103]."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import AccountId, IntentId, LedgerId
from bot.domain.mode import Environment
from bot.intent.intent import Owner
from bot.intent.label import is_ours, label_of, read_label

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
LEDGER = LedgerId("4f1c09aa" + "0" * 24)


def owner(environment: Environment = Environment.DEV, ledger: str = LEDGER) -> Owner:
    """Somebody who writes labels."""
    return Owner(environment=environment, account=AccountId("a"), ledger=LedgerId(ledger))


@pytest.mark.rule("C-103")
def test_a_label_written_by_hand() -> None:
    digest = hashlib.sha256(b"any intent").hexdigest()
    label = label_of(IntentId(digest), owner=owner())
    assert label == "bd-4f1c09aa-" + digest[:48]
    assert len(label) == 60


@pytest.mark.rule("C-103")
@given(HEX, HEX, st.sampled_from(Environment))
def test_a_label_passes_the_venue_and_decodes_to_its_intent(
    digest: str, ledger: str, environment: Environment
) -> None:
    label = label_of(IntentId(digest), owner=owner(environment, ledger))
    assert len(label) <= 64
    assert label.isascii()
    assert label.isprintable()
    read = read_label(label)
    assert read is not None
    assert digest.startswith(read.intent_prefix)
    assert ledger.startswith(read.ledger_prefix)
    assert environment.value[0].lower() == read.environment_letter
    assert is_ours(label, ledger=LedgerId(ledger))


@pytest.mark.rule("C-103")
def test_the_environments_have_letters_of_their_own() -> None:
    assert len({environment.value[0] for environment in Environment}) == len(Environment)


@pytest.mark.rule("C-509")
@pytest.mark.parametrize(
    "label",
    [
        None,
        "",
        "by hand",
        "bd-4f1c09ab-" + "a" * 48,  # another ledger
        "bd-4F1C09AA-" + "a" * 48,
        "bx-4f1c09aa-" + "a" * 48,
        "bd-4f1c09aa-" + "a" * 47,
        "bd-4f1c09aa-" + "a" * 49,
        "bd-4f1c09aa-" + "a" * 48 + "\n",
        " bd-4f1c09aa-" + "a" * 48,
        "bd-4f1c09aa-" + "g" * 48,
        "bd-4f1c09aa-" + "١" * 48,  # digits, but not these
    ],
)
def test_what_this_ledger_has_not_written_is_not_ours(label: str | None) -> None:
    assert not is_ours(label, ledger=LEDGER)


@pytest.mark.rule("C-103")
@given(HEX, HEX)
def test_two_intents_have_two_labels(one: str, other: str) -> None:
    labels = {label_of(IntentId(digest), owner=owner()) for digest in (one, other)}
    assert len(labels) == len({one[:48], other[:48]})
