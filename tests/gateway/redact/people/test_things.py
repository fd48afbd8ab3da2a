"""Where a word that no dictionary has names a thing or a place, and where a person."""

import pytest

from gateway.redact.language.locale import load_locale
from gateway.redact.language.words import words_of
from gateway.redact.people.things import is_title
from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("find me a zorbatorium", "en"),
        ("open zvooq", "en"),
        ("open the zvooq", "en"),
        ("launch zvooq on the tablet", "en"),
        ("put on gloobex", "en"),
        ("a bistro which serves pljeskavica", "en"),
        ("book a pljeskavica restaurant", "en"),
        ("is the ouachita national forest far", "en"),
        ("how do i get to petit manan national forest", "en"),
        ("add gloobex and zorba to my shopping list", "en"),
        ("is it far to kaneville maryland", "en"),  # a region behind a word for where
        ("how far is it from kaneville saudi arabia", "en"),
        ("is there parking in pend oreille", "en"),  # two words behind a word for where
        ("busca un zorbatorio", "es"),
        ("abre zvooq", "es"),
        ("pon algo de gloobex", "es"),
        ("añade gloobex a la lista de la compra", "es"),
        ("el restaurante gloobex", "es"),
        ("vuelos a nueva york", "es"),
    ],
)
def test_a_thing_stays(text: str, language: str) -> None:
    assert left(text, language) == text


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("a derek called for you", "a [person] called for you", "en"),  # a word that is known as a name
        ("is odalys's printer jammed", "is [person] printer jammed", "en"),
        ("the door's sensor is b, a, odalys said", "the door's sensor is b, a, [person] said", "en"),
        ("is it near gloobex, odalys said", "is it near gloobex, [person] said", "en"),
        ("madison broke the lamp", "[person] broke the lamp", "en"),  # a large city, too
        ("tanay broke the lamp", "[person] broke the lamp", "en"),  # a small town, too
        ("open odalys's blinds", "open [person] blinds", "en"),
        ("open odalys letter", "open [person] letter", "en"),  # a thing of somebody's: no end behind it
        ("add odalys to the list", "add [person] to the list", "en"),  # it may be one of people
        ("add odalys to the guest list", "add [person] to the guest list", "en"),
        ("add cake for odalys to the shopping list", "add cake for [person] to the shopping list", "en"),
        ("odalys put cake on the shopping list", "[person] put cake on the shopping list", "en"),
        ("shout at odalys to come down", "shout at [person] to come down", "en"),
        ("odalys in maryland", "[person] in maryland", "en"),  # a region further off
        ("odalys, open the door", "[person], open the door", "en"),
    ],
)
def test_a_person_in_such_a_place_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    "text",
    [
        "play hello by adele",
        "play call me maybe",
        "play ring of fire by johnny cash",
        "listen to tell it to my heart",
        "play dance with the devil by mr lordi",
        "let's hear stuff from odalric hewitt",
        "add this song to my this is odalric playlist",
        "give five stars to neverwhere",
        "check the forecast for nebraska",
    ],
)
def test_a_title_and_its_artist_stay(text: str) -> None:
    assert left(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("play some music and call odalric", "play some music and call [contact]"),
        ("play it, please call odalric", "play it, please call [contact]"),
        ("play the last message from odalric", "play the last message from [contact]"),
        ("play something odalric would like", "play something [person] would like"),
        ("don't let odalric watch that", "don't let [person] watch that"),
        ("me and odalric are going to the movies", "me and [person] are going to the movies"),
        ("send flowers to odalric", "send flowers to [contact]"),
    ],
)
def test_a_person_beside_a_title_is_masked(text: str, expected: str) -> None:
    assert left(text) == expected


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("play hello by adele", 1, True),
        ("play it then call home", 3, False),
        ("say hello by the way", 1, False),
        ("this is odalric on my playlist", 2, True),
        ("i said play", 1, False),
    ],
)
def test_how_far_a_title_reaches(text: str, at: int, *, expected: bool) -> None:
    locale = load_locale("en")
    assert is_title(words_of(text, locale), at, locale) is expected
