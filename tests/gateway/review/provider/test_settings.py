"""A provider's file: what it must say, and what is refused before anybody could sign in."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.contract.model import load_contract
from gateway.files import BadFile
from gateway.review.provider.settings import load_provider

HUSH = "hush\n"
GOOD: dict[str, Any] = {
    "issuer": "https://id.example.org/realm",
    "client_id": "earlid-review",
    "secret_file": "secret",
    "base_url": "https://review.example.org/",
    "roles": {"annotators": "reviewer"},
    "second_factor": {"values": ["otp"]},
}


def _file(folder: Path, mode: int = 0o600, secret: str = HUSH, **change: Any) -> Path:
    (folder / "secret").write_text(secret)
    (folder / "secret").chmod(mode)
    said = {name: value for name, value in (GOOD | change).items() if value is not None}
    (folder / "provider.yaml").write_text(yaml.safe_dump(said))
    return folder / "provider.yaml"


def test_a_file_and_its_secret_are_read(tmp_path: Path) -> None:
    settings, secret = load_provider(_file(tmp_path), load_contract("strict"))
    assert (settings.issuer, secret) == (GOOD["issuer"], "hush")
    assert settings.redirect_uri == "https://review.example.org/sign-in/back"
    assert settings.second_factor
    assert settings.second_factor.claim == "amr"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": "http://id.example.org"}, "issuer"),
        ({"issuer": "https://id.example.org/?a=b"}, "issuer"),
        ({"issuer": "https://user:word@id.example.org/"}, "issuer"),
        ({"base_url": "ftp://review.example.org"}, "base_url"),
        ({"roles": {}}, "roles"),
        ({"roles": {"annotators": "king"}}, "roles"),
        ({"colour": 1}, "colour: unknown key"),
        ({"client_id": ""}, "client_id"),
        ({"second_factor": None}, "second_factor: strict asks for one"),
        ({"second_factor": {"values": []}}, "second_factor.values"),
        ({"second_factor": {"claim": "groups", "values": ["x"]}}, "second_factor.claim"),
        ({"scopes": ["email"]}, "openid is wanted"),
        ({"mode": 0o644}, "chmod 600"),
        ({"secret": ""}, "is empty"),
        ({"secret_file": "nowhere"}, "No such file"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadFile) as refused:
        load_provider(_file(tmp_path, **change), load_contract("strict"))
    assert said in str(refused.value)
    assert "hush" not in str(refused.value)
    assert "word@" not in str(refused.value)


def test_without_a_second_factor_where_the_contract_asks_for_none(tmp_path: Path) -> None:
    strict = load_contract("strict")
    easy = strict.model_copy(update={"review": strict.review.model_copy(update={"mfa": False})})
    assert load_provider(_file(tmp_path, second_factor=None), easy)[0].second_factor is None
