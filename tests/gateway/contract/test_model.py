"""Contracts: presets load, unknown keys and contradictions are refused with the file, the key and what is allowed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.contract.consistency import KNOWN_ANSWERS
from gateway.contract.model import PRESETS, load_contract, parse_contract
from gateway.files import BadFile


def strict() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((PRESETS / "strict.yaml").read_text())
    return data


@pytest.mark.parametrize("name", [path.stem for path in PRESETS.glob("*.yaml")])
def test_every_preset_loads_and_is_named_after_its_file(name: str) -> None:
    assert load_contract(name).name == name


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(
        BadFile, match="allowed: amazon-2019-after, amazon-2019-before, apple-2019, google-2019, strict"
    ):
        load_contract("strickt")


@pytest.mark.parametrize("path", ["./none", "folder/none", "none.yaml", "none.yml"])
def test_what_looks_like_a_path_is_one(path: str) -> None:
    with pytest.raises(BadFile) as raised:
        load_contract(path)
    assert str(raised.value).startswith(path.removeprefix("./"))
    assert "preset" not in str(raised.value)


def test_an_unknown_key_is_named_with_what_is_allowed(tmp_path: Path) -> None:
    data = strict()
    data["gate"]["preroll_ms"] = 3
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(BadFile, match=r"mine\.yaml:\d+:3: gate\.preroll_ms: unknown key; did you mean pre_roll_ms\?"):
        load_contract(str(path))


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [
        ("redact.transcript.mask", [], "silence needs words to mask"),
        ("gate.pre_roll_ms", 5_000, None),
        ("gate.max_clip_ms", 500, "at least 1000 is wanted"),
        ("review.customer_lookup", True, "there is no id to look up"),
        ("allow", ["home.city", "home.state", "members.given_name"], "nothing shows it"),
        ("allow", [], "shown but not declared"),
        ("redact.device", "keep", "^c.yaml: redact.device: keep shows what no contract of kind protect may"),
        ("redact.location.show", "coordinates", "redact.location.show: coordinates shows what no contract of kind"),
        ("redact.audio.masked_words", "keep", "^c.yaml: redact.audio.masked_words: keep shows what no contract of"),
        ("gate.admit", ["device_claim", "wake_word"], "^c.yaml: gate.admit: device_claim shows what no contract of"),
        ("gate.admit", ["button"], "no wake word to verify"),
        ("gate.admit", [], "at least 1 entry is wanted"),
        ("redact.transcript.mask", ["phone"], "needs unclear in redact.transcript.mask"),
        ("redact.pseudonyms.scope", "clip", "is new every time already"),
        ("redact.location", {"show": "grid", "counted_by": "fleet"}, "home.area is shown but not declared"),
        ("redact.pseudonyms.lifetime_days", 400, "the clip is gone before"),
        ("gate.wake_threshold", 1.5, "below 1.0 is wanted"),
        ("gate.wake_threshold", 0, "above 0.0 is wanted"),
        ("gate.wake_model", "hey_jarvis", "needs the path of one fitted for it"),
        ("gate.wake_model", "mine.onnx", "needs the path of one fitted for it"),
        ("gate.verify", [], None),
        ("gate.consent", "ignored", "^c.yaml: gate.consent: ignored shows what no contract of kind protect may"),
        ("gate.wake_model", "known-answers", "known-answers: for tests; no contract of kind protect may have it"),
        ("gate.wake_model", "", "at least 1 character"),
        ("gate.wake_within_ms", 30_000, None),
        ("gate.wake_within_ms", 30_001, "no clip reaches so far"),
        ("gate.end_silence_ms", 10_000, None),
        ("gate", {"admit": ["button"], "wake_within_ms": 900}, "no wake word to look for"),
        ("gate", {"admit": ["button"], "max_clip_ms": 2_000, "end_silence_ms": 2_000}, None),
        ("gate", {"admit": ["button"], "max_clip_ms": 2_000, "end_silence_ms": 2_001}, "no clip has such a pause"),
        ("gate", {"admit": ["button"], "max_clip_ms": 1_000, "pre_roll_ms": 1_000}, "must be shorter"),
        ("gate", {"admit": ["button"], "refractory_ms": 0}, None),
        ("gate.admit", ["wake_word", "button", "wake_word"], "gate.admit: the same stands twice"),
        ("gate.verify", ["acoustic", "acoustic"], "gate.verify: the same stands twice"),
        ("gate.refractory_ms", 0, "one_clip needs gate.refractory_ms above 0"),
        ("gate.refractory_ms", 1, None),
        ("gate.verify_model", "mine.npz", None),
        ("gate.verify_model", "", "at least 1 character"),
        ("gate.wake_phrase", "...", "neither a letter nor a digit"),
        ("gate.wake_phrase", "❤\ufe0f", "neither a letter nor a digit"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(at: str, value: object, why: str | None) -> None:
    data: dict[str, Any] = strict()
    *path, last = at.split(".")
    inner = data
    for part in path:
        inner = inner[part]
    inner[last] = value
    if why is None:
        parse_contract(data, "c.yaml")
        return
    with pytest.raises(BadFile, match=why) as raised:
        parse_contract(data, "c.yaml")
    assert str(raised.value).startswith("c.yaml: ")
    assert "\n" not in str(raised.value)


def test_a_verifier_nothing_asks_is_refused_and_another_word_may_have_its_own() -> None:
    data = strict()
    data["gate"] |= {"wake_model": "hey_jarvis", "verify_model": "jarvis.npz"}
    assert parse_contract(data, "c.yaml").gate.verify_model == "jarvis.npz"
    data["gate"]["verify"] = ["transcript"]
    with pytest.raises(BadFile, match="nothing asks it"):
        parse_contract(data, "c.yaml")
    del data["gate"]["verify_model"]
    assert parse_contract(data, "c.yaml").gate.verify == ("transcript",)


def test_known_answers_have_nothing_for_the_acoustic_stage() -> None:
    data = load_contract("amazon-2019-before").model_dump(by_alias=True)
    data["gate"] |= {"wake_model": "known-answers", "verify": ("acoustic",), "verify_model": "mine.npz"}
    with pytest.raises(BadFile, match="makes no embeddings"):
        parse_contract(data, "c.yaml")
    data["gate"] |= {"verify": (), "verify_model": None, "refractory_ms": 0}
    assert parse_contract(data, "c.yaml").gate.wake_model == KNOWN_ANSWERS


def test_each_device_may_have_its_clip_without_a_refractory_time() -> None:
    data = strict()
    data["gate"] |= {"refractory_ms": 0, "same_utterance": "each"}
    assert parse_contract(data, "c.yaml").gate.refractory_ms == 0


def test_coordinates_show_the_town_as_well() -> None:
    data = load_contract("amazon-2019-before").model_dump(by_alias=True)
    data["redact"] |= {"given_name": "keep"}
    data["allow"] = ["home.city", "home.state", "members.given_name"]
    assert parse_contract(data, "c.yaml").allow == ("home.city", "home.state", "members.given_name")


def test_an_incident_may_be_weaker_than_it_claims() -> None:
    contract = load_contract("amazon-2019-before")
    assert contract.kind == "incident"
    assert contract.redact.location.show == "coordinates"
    assert contract.allow == ()


def test_a_grid_is_counted_by_the_fleet() -> None:
    data = strict() | {"allow": ["home.area"]}
    data["redact"]["location"] = {"show": "grid", "min_anonymity": 5}
    with pytest.raises(BadFile, match="needs counted_by: fleet"):
        parse_contract(data, "c.yaml")
    data["redact"]["location"]["counted_by"] = "fleet"
    assert parse_contract(data, "c.yaml").allow == ("home.area",)


LOCALITY = ["home.city", "home.state"]
NO_MASK = {"redact.transcript.mask": [], "redact.transcript.min_confidence": 0.0, "redact.audio.masked_words": "keep"}


@pytest.mark.parametrize(
    ("preset", "changes", "why"),
    [
        ("strict", NO_MASK, "redact.audio.unexplained: cover needs"),
        (
            "strict",
            NO_MASK | {"redact.audio.unexplained": "keep", "redact.voice": "distort"},
            "redact.transcript.mask is empty",
        ),
        ("strict", {"redact.audio.without_transcript": "keep"}, "without_transcript: keep shows what no contract"),
        (
            "strict",
            {"redact.transcript.unsupported_language": "read_anyway"},
            "unsupported_language: read_anyway shows what no contract",
        ),
        ("strict", {"redact.transcript.language": "fr"}, "redact.transcript.language: allowed: en, es"),
        ("strict", {"redact.customer": "keep"}, "redact.customer: keep shows what no contract"),
        ("strict", {"redact.device": "drop"}, "redact.device and redact.customer make no pseudonym"),
        (
            "strict",
            {"redact.device": "drop", "redact.pseudonyms.rotate_days": None},
            "redact.device and redact.customer make no pseudonym",
        ),
        (
            "strict",
            {"redact.device": "drop", "redact.pseudonyms.lifetime_days": None},
            "redact.device and redact.customer make no pseudonym",
        ),
        ("strict", {"redact.pseudonyms.scope": "session"}, "scope session is new every time already"),
        ("strict", {"redact.location.show": "nothing", "allow": []}, "cannot be kept by show: nothing"),
        ("strict", {"redact.given_name": "keep"}, "members.given_name is shown but not declared"),
        ("strict", {"allow": ["home.city"]}, "home.state is shown but not declared"),
        ("strict", {"allow": ["home.state"]}, "home.city is shown but not declared"),
        ("strict", {"allow": [*LOCALITY, "home.area"]}, "home.area is declared as disclosed"),
        ("strict", {"review.mfa": False}, "review.break_glass: needs review.mfa"),
        ("amazon-2019-before", {"redact.transcript.mask": ["phone"], "redact.voice": "distort"}, "distort needs audio"),
        ("amazon-2019-before", {"redact.location.min_anonymity": 2}, "cannot be kept by show: coordinates"),
        ("amazon-2019-before", {"redact.customer": "drop"}, "there is no id to look up"),
        ("amazon-2019-before", {"gate.wake_within_ms": 30_001}, "no clip reaches so far"),
    ],
)
def test_every_rule_refuses(preset: str, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(BadFile, match=why):
        parse_contract(changed(preset, changes), "c.yaml")


@pytest.mark.parametrize(
    ("preset", "changes"),
    [
        ("strict", {"redact.device": "drop", "redact.customer": "pseudonym"}),
        ("strict", {"redact.pseudonyms.scope": "session", "redact.pseudonyms.rotate_days": None}),
        ("strict", {"redact.given_name": "keep", "allow": [*LOCALITY, "members.given_name"]}),
        ("strict", {"redact.location": {"show": "nothing"}, "allow": []}),
        ("strict", {"review.retention_days": 90}),
        ("strict", {"review.retention_days": None}),
        ("strict", {"redact.pseudonyms.lifetime_days": None}),
        ("strict", {"review.mfa": False, "review.break_glass": None}),
        ("strict", NO_MASK | {"redact.audio.unexplained": "keep"}),
        ("amazon-2019-before", {"redact.transcript.mask": ["phone"]}),
        ("amazon-2019-before", {"gate.refractory_ms": 0}),
        ("amazon-2019-before", {"redact.voice": "distort"}),
        ("amazon-2019-before", {"review.break_glass": {"show": ["home"]}}),
    ],
)
def test_no_rule_refuses_more_than_it_says(preset: str, changes: dict[str, Any]) -> None:
    parse_contract(changed(preset, changes), "c.yaml")


def changed(preset: str, changes: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((PRESETS / f"{preset}.yaml").read_text())
    for at, value in changes.items():
        *path, last = at.split(".")
        inner = data
        for part in path:
            inner = inner[part]
        inner[last] = value
    return data


def test_what_is_left_out_of_the_gate_is_the_careful_choice() -> None:
    data = strict()
    data["gate"] = {"admit": ["wake_word"]}
    gate = parse_contract(data, "c.yaml").gate.model_dump()
    assert gate == {
        "admit": ("wake_word",),
        "wake_model": "alexa",
        "wake_threshold": 0.5,
        "pre_roll_ms": 500,
        "max_clip_ms": 30_000,
        "button_window_ms": 2_000,
        "wake_phrase": "alexa",
        "wake_within_ms": None,
        "verify": (),
        "verify_model": None,
        "verify_threshold": 0.5,
        "end_silence_ms": None,
        "refractory_ms": 2_000,
        "same_utterance": "one_clip",
        "media_homes": None,
        "children": "keep",
        "consent": "required",
    }
