"""House numbers that do not stand right before their street."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("our house is number sixteen on hawthorn lane", "our house is [address]", "en"),
        ("we moved to twenty two fourteen on beckett avenue", "we moved to [address]", "en"),
        ("he lives on juniper terrace at number nine", "he lives on [address] at [address]", "en"),
        ("twenty six avenue d apartment four", "[address]", "en"),
        ("41 Periwinkle Close", "[address]", "en"),
        ("41 Periwinkle Close, Gold Hill", "[address]", "en"),
        ("the red house at seven hundred and six buttonwood", "the red house at [address]", "en"),
        ("she's moved to apartment nine c at the foundry", "she's moved to [address]", "en"),
        ("mi casa es el número tres de paseo del prado", "mi casa es el [address]", "es"),
        ("the house number is twenty three um b", "the house number is [address]", "en"),
        ("my house number's nineteen and the door is red", "my house number's [address] and the door is red", "en"),
        ("the parcel went to number three ashcombe mews", "the parcel went to number [address]", "en"),
        ("she lives up on brackenridge hill road", "she lives up on [address]", "en"),
        ("the address is forty two a chestnut rise", "the address is [address]", "en"),
        ("el número de la casa es doce b", "el número de la casa es [address]", "es"),
        ("unit six c the old brewery", "[address]", "en"),
        ("it goes to unit nine the old dairy mill lane", "it goes to [address]", "en"),
        ("it goes to unit two the mill lane entrance", "it goes to [address] entrance", "en"),
        ("we live at number nineteen", "we live at [address]", "en"),
        ("our neighbour at number four b has a dog", "our neighbour at [address] has a dog", "en"),
        ("vive en el número veinte de la calle lepanto", "vive en el [address]", "es"),
        ("calle del carmen 8, 2.º B", "[address]", "es"),
        ("ronda de toledo nueve entresuelo", "[address]", "es"),
    ],
)
def test_a_home_is_masked_with_its_number(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("meet me at six thirty on maple street", "en"),
        ("number one on the list", "en"),
        ("this song went in at number nine", "en"),
        ("house numbers are big", "en"),
        ("the house number is missing", "en"),
        ("turn to page nine", "en"),
        ("two ways to play", "en"),
        ("el número uno de la lista", "es"),
        ("how's traffic on the four oh five", "en"),
        ("take the one oh one south", "en"),
    ],
)
def test_a_number_that_is_no_home_stays(text: str, language: str) -> None:
    assert left(text, language) == text
