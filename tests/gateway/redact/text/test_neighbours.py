"""Other ways to say what people reported: every word of a secret is masked, and no other word is."""

import re
from pathlib import Path

import pytest
import yaml

from gateway.contract.model import load_contract
from gateway.identities import load_identities
from gateway.redact.text.transcript import find_spans, mask
from gateway.vault.facts import Neighbours, site_facts
from gateway.vault.messages import SiteFacts
from gateway.vault.sealing import Seal

CASES = Path(__file__).parents[1] / "cases"
CLASSES = load_contract("strict").redact.transcript.mask
KNOWN = load_identities(CASES / "ids.json")
SAID: dict[str, list[str]] = yaml.safe_load((CASES / "neighbours.yaml").read_text())
PLAIN: dict[str, list[str]] = yaml.safe_load((CASES / "plain.yaml").read_text())
NOBODY = SiteFacts(household_key="k", consent=True)
HOMES = {
    "tarkington": site_facts(
        KNOWN.households[0], KNOWN.households[0].devices[0], Seal(b"cases" * 8), Neighbours(KNOWN)
    ),
    "obrien": SiteFacts(
        household_key="k",
        consent=True,
        names=(
            "Sean O'Brien",
            "Sean",
            "O'Brien",
            "Mary-Jane McDonald",
            "Mary-Jane",
            "McDonald",
            "Lucía de la Cruz",
            "Pieter van der Berg",
        ),
        contact_names=("Lucía de la Cruz", "Pieter van der Berg"),
        emails=("sean_ob+home@mail-box.example.co.uk", "mj@example.com"),
        streets=("123 1/2 West Alder Court Apt 12C",),
    ),
    "fernandez": SiteFacts(
        household_key="k",
        consent=True,
        names=("José Luis Fernández de la Cruz", "José Luis", "Fernández de la Cruz", "María Núñez", "María", "Núñez"),
        emails=("joseluis.fdez@correo.example.es",),
        streets=("Calle de Alcalá 245, 3º B",),
    ),
}


@pytest.mark.parametrize("home", sorted(SAID))
def test_a_secret_is_masked_however_it_is_said(home: str) -> None:
    wrong = []
    for said in SAID[home]:
        text = re.sub(r"\{[a-z ]+:([^}]*)\}", r"\1", said)
        left = mask(text, find_spans(text, HOMES[home], CLASSES, "es" if home == "fernandez" else "en"))
        if left != re.sub(r"\{([a-z ]+):[^}]*\}", r"[\1]", said):
            wrong.append(f"{said} -> {left}")
    assert len(SAID[home]) >= 35
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", sorted(PLAIN))
def test_a_plain_sentence_stays_whole(language: str) -> None:
    wrong = [
        left for text in PLAIN[language] if (left := mask(text, find_spans(text, NOBODY, CLASSES, language))) != text
    ]
    assert len(PLAIN[language]) >= 30
    assert not wrong, "\n".join(wrong)
