import pickle

import msgspec
import pytest

from bot.venue.secret import Credentials, Secret


def test_signature_is_the_venues_own_test_vector() -> None:
    # PROTOCOL §3: AMANDA's secret, timestamp, nonce, empty data.
    signed = Secret("AMANDASECRECT").sign("1576074319000\n1iqt2wls\n")
    assert signed == "56590594f97921b09b18f166befe0d1319b198bbcdad7ca73382de2f88fe9aa1"


def test_secret_has_no_text_form() -> None:
    secret = Secret("hunter2hunter2")
    key = Credentials(client_id="me", secret=secret)
    for text in (str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", repr(key), f"{key}"):
        assert "hunter2" not in text
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        msgspec.json.encode(secret)


def test_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Secret("")
    with pytest.raises(ValueError, match="empty"):
        Credentials(client_id="", secret=Secret("x"))
