"""Signatures: the official test vector holds, and nothing but the right secret over the right bytes does."""

import hashlib
import hmac

import pytest

from webhooks.signature import is_signed, knows_secret

SECRET = b"It's a Secret to Everybody"
BODY = b"Hello World!"
OFFICIAL = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"


def test_the_official_test_vector_of_jira_holds() -> None:
    assert is_signed(BODY, OFFICIAL, [SECRET])


@pytest.mark.parametrize("secrets", [[b"old", SECRET], [SECRET, b"new"]])
def test_any_secret_of_a_rotation_will_do(secrets: list[bytes]) -> None:
    assert is_signed(BODY, OFFICIAL, secrets)


@pytest.mark.parametrize("method", ["sha384", "sha512"])
def test_stronger_methods_are_taken(method: str) -> None:
    assert is_signed(BODY, f"{method}={hmac.new(SECRET, BODY, method).hexdigest()}", [SECRET])


def weak(method: str) -> str:
    return f"{method}={hmac.new(SECRET, BODY, method).hexdigest()}"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        "sha256",
        OFFICIAL[:-1],
        OFFICIAL + "0",
        OFFICIAL.removeprefix("sha256="),
        OFFICIAL.replace("sha256", "none"),
        OFFICIAL.replace("sha256", "SHA256"),
        OFFICIAL.replace("sha256=", "sha256=="),
        f"{OFFICIAL}, {OFFICIAL}",
        weak("sha1"),
        weak("md5"),
        "sha256=" + hashlib.sha256(BODY).hexdigest(),
        "sha256=" + hmac.new(b"", BODY, "sha256").hexdigest(),
        "sha256=é",
        "sha256=\udcff",
    ],
)
def test_nothing_else_passes_for_a_signature(header: str) -> None:
    assert not is_signed(BODY, header, [SECRET])


@pytest.mark.parametrize("body", [b"", BODY + b"\n", b"Hello World", BODY.lower()])
def test_a_signature_is_of_the_raw_bytes(body: bytes) -> None:
    assert not is_signed(body, OFFICIAL, [SECRET])


def test_without_secrets_nothing_is_signed_or_known() -> None:
    assert not is_signed(BODY, OFFICIAL, [])
    assert not knows_secret("", [])


@pytest.mark.parametrize(("given", "known"), [("one", True), ("two", True), ("", False), ("on", False), ("é", False)])
def test_a_shared_secret_is_known_or_not(given: str, known: bool) -> None:
    assert knows_secret(given, [b"one", b"two"]) is known
