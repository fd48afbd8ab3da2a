"""Sentences people reported, with the household whose address book knows them: each becomes what is expected."""

import json
import re
from pathlib import Path

import pytest

from gateway.contract.model import load_contract
from gateway.identities import load_identities
from gateway.redact.text.transcript import find_spans, mask
from gateway.vault.facts import Neighbours, site_facts
from gateway.vault.sealing import Seal

CASES = Path(__file__).parents[1] / "cases"
CLASSES = load_contract("strict").redact.transcript.mask
KNOWN = load_identities(CASES / "ids.json")
HOME = KNOWN.households[0]
FACTS = site_facts(HOME, HOME.devices[0], Seal(b"cases" * 8), Neighbours(KNOWN))


@pytest.mark.parametrize("case", json.loads((CASES / "spoken.json").read_text()), ids=lambda case: str(case["name"]))
def test_a_reported_sentence(case: dict[str, str]) -> None:
    left = mask(case["text"], find_spans(case["text"], FACTS, CLASSES))
    wanted = re.escape(case["expected"]).replace(r"\[any\]", r"\[[a-z ]+\]")
    assert re.fullmatch(wanted, left.rstrip(".")), left
