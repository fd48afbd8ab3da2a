"""Who gets something, or gave it, is masked; what and where it goes stays."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("the invoice goes to ambrose", "the invoice goes to [person]", "en"),
        ("the invoice goes to ambrose finch-hatton", "the invoice goes to [person]", "en"),
        ("i gave it to montgomery yesterday", "i gave it to [person] yesterday", "en"),
        ("lend the drill to archibald and close the door", "lend the drill to [person] and close the door", "en"),
        ("the payment is from clytemnestra", "the payment is from [person]", "en"),
        ("the appointment is with velazquez", "the appointment is with [person]", "en"),
        ("the name on the card is augustin leclair", "the name on the card is [person]", "en"),
        ("send that to perpetua", "send that to [contact]", "en"),
        ("my neighbour hyacinth has the spare key", "my neighbour [person] has the spare key", "en"),
        ("tell my neighbour hyacinth her parcel is here", "tell my neighbour [person] her parcel is here", "en"),
        ("dale las llaves a leocadia", "dale las llaves a [person]", "es"),
        ("se lo di a montserrat", "se lo di a [person]", "es"),
        ("la factura es para ambrosio", "la factura es para [person]", "es"),
        ("mi casero bartolomé no contesta", "mi casero [person] no contesta", "es"),
        ("mi compañera de piso es serafina", "mi compañera de piso es [person]", "es"),
        ("la doctora villaescusa llamó ayer", "la doctora [person] llamó ayer", "es"),
        ("la cita es con el doctor arístegui", "la cita es con el doctor [person]", "es"),
    ],
)
def test_who_gets_it_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the bus goes to boston every hour", "en"),
        ("this road goes to seattle", "en"),
        ("give me directions to denver", "en"),
        ("make a reservation to go to vegas", "en"),
        ("my package is from amazon", "en"),
        ("send that to the printer", "en"),
        ("the money goes to rent", "en"),
        ("tell my neighbour dinner is ready", "en"),
        ("my brother birthday is in june", "en"),
        ("write a note to self buy batteries", "en"),
        ("dale la vuelta a todo", "es"),
        ("pásale el balón al portero", "es"),
        ("el regalo es para mayo", "es"),
        ("mi primo no contesta", "es"),
        ("llama a recepción", "es"),
    ],
)
def test_what_and_where_it_goes_stays(text: str, language: str) -> None:
    assert left(text, language) == text


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("she's class of two thousand and eleven", "she's class of [date of birth]", "en"),
        ("we were in the class of eighty nine", "we were in the class of [date of birth]", "en"),
        (
            "i graduated from lincoln high in nineteen ninety four",
            "i graduated from lincoln high in [date of birth]",
            "en",
        ),
        ("i finished school in two thousand and four", "i finished school in [date of birth]", "en"),
        ("soy de la promoción de dos mil once", "soy de la promoción de [date of birth]", "es"),
        ("a class of thirty", "a class of thirty", "en"),
        ("a class of two thousand students", "a class of two thousand students", "en"),
        ("who graduated in nineteen ninety", "who graduated in nineteen ninety", "en"),
        ("spring of nineteen sixty nine was cold", "spring of nineteen sixty nine was cold", "en"),
        ("una promoción de veinte euros", "una promoción de veinte euros", "es"),
    ],
)
def test_years_of_a_school_are_somebodys(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("pick me up at twenty two fourteen southeast division", "pick me up at [address]", "en"),
        ("parcel to seventy on twenty sanchez avenue been sent", "parcel to [address] been sent", "en"),
        ("we're on elderberry court third house", "we're on [address] third house", "en"),
        ("la calle jilguero diecisiete bajo izquierda", "la [address]", "es"),
        ("callejón de las ánimas cuatro piso dos puerta c", "[address]", "es"),
        ("go two hundred feet north then turn", "go two hundred feet north then turn", "en"),
        ("we're on speed dial", "we're on speed dial", "en"),
        ("recuérdame a las ocho y cuarto", "recuérdame a las ocho y cuarto", "es"),
    ],
)
def test_streets_without_a_type_and_with_a_misheard_number(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected
