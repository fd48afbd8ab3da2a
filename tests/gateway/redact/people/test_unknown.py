"""A word of no dictionary is a name wherever it stands; places, works and the rules' own words are not."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("i saw lucette at the store", "i saw [person] at the store", "en"),
        ("thaddea and niels are here", "[person] and [person] are here", "en"),
        ("john broke the lamp", "[person] broke the lamp", "en"),  # a dictionary has it, as a name
        ("niels van dorp called", "[person] called", "en"),  # a particle, and a family name
        ("odalric smith broke it", "[person] broke it", "en"),  # a family name that is a word
        ("tell niels grabowski that it rains", "tell [contact] that it rains", "en"),  # beside a name found by grammar
        ("show me photos of sabina", "show me photos of [person]", "en"),  # a small town, too
        ("the lamp of odalys is broken", "the lamp of [person] is broken", "en"),
        ("read odalric the story", "read [person] the story", "en"),  # no book: no number behind it
        ("odalric came home", "[person] came home", "en"),
        ("i saw peter at the store", "i saw [person] at the store", "en"),  # a verb, too
        ("la lámpara de tiburcio flores", "la lámpara de [person]", "es"),  # a family name that is a word
        ("es de gunilda von trapolla", "es de [person]", "es"),  # over a particle
        ("me llamo tiburcio zurbanor quel", "me llamo [person]", "es"),  # behind a part that grammar found
        ("feliz cumpleaños heriberta", "feliz cumpleaños [person]", "es"),
        ("despierta a thiago a las siete", "despierta a [person] a las siete", "es"),
    ],
)
def test_an_unknown_word_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("find a hotel in los angeles", "en"),
        ("how do i get to tanay", "en"),  # a small town behind a word for where
        ("find a pharmacy near brooklawn", "en"),  # no map has it
        ("what's the weather for gibsland", "en"),
        ("play skyfall by adele", "en"),
        ("turn on the zynthar plug", "en"),  # a brand
        ("find a recipe for zarvioli", "en"),
        ("a train ticket to brooklawn please", "en"),
        ("what's five pm est in utc", "en"),
        ("happy birthday america", "en"),
        ("how tall is zendaya", "en"),
        ("what was the score of the lakers game", "en"),
        ("read john three sixteen", "en"),
        ("we'd like it warmer and she'd not", "en"),  # short verbs
        ("two cellphones and a fridge", "en"),  # of the dictionary of forms alone
        ("is ok xo there", "en"),  # too short
        ("my iban is a secret", "en"),  # a word of the rules
        ("recuérdame llamarla y dímelo", "es"),  # verbs with pronouns behind them
        ("cuéntame algo de francia", "es"),
        ("busca un hotel en castellón", "es"),
    ],
)
def test_what_is_known_stays(text: str, language: str) -> None:
    assert left(text, language) == text
