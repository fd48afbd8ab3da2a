"""Who is introduced is masked, and how somebody is stays."""

import pytest

from gateway.contract.model import load_contract
from gateway.redact.text.transcript import find_spans, mask
from tests.gateway.redact.text.test_neighbours import NOBODY

CLASSES = load_contract("strict").redact.transcript.mask


def left(text: str, language: str = "en") -> str:
    return mask(text, find_spans(text, NOBODY, CLASSES, language))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i'm leopold", "i'm [person]"),
        ("I’m Leopold Ferris from number nine", "I’m [person] from number nine"),
        ("i am mark", "i am [person]"),
        ("they call me zebedee", "they call me [person]"),
        ("my brother tom walks the dog", "my brother [person] walks the dog"),
        ("my wife mirela handles the bills", "my wife [person] handles the bills"),
        ("that email from desiree", "that email from [contact]"),
        ("my neighbor gwendolyn has the key", "my neighbor [person] has the key"),
        ("my husband is ptolemy", "my husband is [person]"),
        ("our son is called grace", "our son is called [person]"),
        ("the table is for castellano", "the table is for [person]"),
        ("horatio speaking", "[person] speaking"),
        ("it's ambrose from accounts", "it's [person] from accounts"),
        ("this is leopold", "this is [person]"),
        ("Valerie is at the doctor again", "[person] is at the doctor again"),
        ("turn it down because leopold is asleep", "turn it down because [person] is asleep"),
        ("gwendolyn pruitt is in the hospital", "[person] is in the hospital"),
    ],
)
def test_a_name_is_masked(text: str, expected: str) -> None:
    assert left(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "i'm hungry",
        "hello i'm back",
        "tell my wife i'm running late",
        "i am lost",
        "call me when it is done",
        "my boss is angry",
        "my son drew a picture",
        "my neighbour may come over",
        "my daughter wants a story",
        "the table is for four",
        "it's cold here",
        "this is great",
        "spotify is down",
        "my tesla is at home",
        "everybody is asleep",
        "dinner is at work tonight",
        "did i miss anything",
        "is the cat under the bed",
    ],
)
def test_a_plain_sentence_stays(text: str) -> None:
    assert left(text) == text


def test_spanish() -> None:
    assert left("soy fernando y quiero una cita", "es") == "soy [person] y quiero una cita"
    assert left("llama a la abuela encarna", "es") == "llama a la abuela [contact]"
    assert left("llama a la abuela luego", "es") == "llama a la abuela luego"
    assert left("llama a mi madre", "es") == "llama a mi madre"
    assert left("escribe a mi jefe felicitaciones navideñas", "es") == "escribe a mi jefe felicitaciones navideñas"
    assert left("soy herminia la vecina", "es") == "soy [person] la vecina"
    assert left("a nombre de goikoetxea", "es") == "a nombre de [person]"
    assert left("soy alérgico a las nueces", "es") == "soy alérgico a las nueces"
