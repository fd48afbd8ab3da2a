"""A project's own labels: they are offered and taken, others are refused, and a wrong file is told by its line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydantic
import pytest

from gateway.files import BadFile
from gateway.review.forms.labels import Labels, annotation_form, load_labels
from gateway.review.forms.models import AnnotationIn

MINE = "intents: [pay_a_bill, other]\nsounds: [dog, distress]\n"
SAID = {"transcription": "", "intent": "pay_a_bill", "effective": "yes", "heard": ["dog"]}


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "labels.yaml"
    path.write_text(text)
    return path


def test_without_a_file_the_built_in_ones_hold() -> None:
    assert annotation_form(Labels()) is AnnotationIn


def test_a_projects_labels_take_the_place_of_the_built_in_ones(tmp_path: Path) -> None:
    form = annotation_form(load_labels(_file(tmp_path, MINE)))
    assert form.model_validate(SAID).heard == ("dog",)
    for wrong in ({"intent": "weather"}, {"heard": ["child"]}, {"heard": ["dog", "dog", "dog"]}):
        with pytest.raises(pydantic.ValidationError):
            form.model_validate(SAID | wrong)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "labels.yaml: intents and sounds are wanted, each a list"),
        ("intents: [a]\nsound: [distress]\n", "labels.yaml:2: sound: unknown key; did you mean sounds?"),
        ("intents: [a, a]\n", "labels.yaml:1: intents: a label stands twice"),
        ("intents: [Pay]\n", "labels.yaml:1: intents.0: does not look like"),
        ("intents: []\n", "labels.yaml:1: intents: at least 1 entry is wanted"),
        ("intents: [a]\nsounds: [dog]\n", "labels.yaml:2: sounds: distress must be among them"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadFile) as refused:
        load_labels(_file(tmp_path, text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_tool_offers_and_takes_them(make: Callable[..., Any], tmp_path: Path) -> None:
    browser = make(labels=load_labels(_file(tmp_path, MINE))).browser("ada", "ref-000")
    page = browser.get("/clips/ref-000").text
    assert "Pay a bill" in page
    assert 'value="weather"' not in page
    route = "/api/clips/ref-000/annotations"
    assert browser.ask("POST", route, json=SAID | {"intent": "weather"}).status_code == 422
    assert browser.ask("POST", route, json=SAID).status_code == 201
    form = {"transcription": "", "effective": "yes"}
    assert browser.send("/clips/ref-000/annotations", intent="weather", **form).status_code == 422
    assert browser.send("/clips/ref-000/annotations", intent="pay_a_bill", heard="dog", **form).status_code == 303
    described = browser.get("/api/openapi.json").json()["components"]["schemas"]["AnnotationIn"]
    assert described["properties"]["intent"]["enum"] == ["pay_a_bill", "other"]
