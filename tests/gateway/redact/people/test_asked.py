"""Names of whoever is asked about, spoken to, or on the line, and sentences that look like it."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("who is ermintrude", "who is [person]", "en"),
        ("who's percival fanshawe", "who's [person]", "en"),
        ("who is ferdinand stone", "who is [person]", "en"),
        ("is tobias marsh awake", "is [person] awake", "en"),
        ("has marisol had her lunch", "has [person] had her lunch", "en"),
        ("where did delphine put the keys", "where did [person] put the keys", "en"),
        ("let osvaldo in", "let [person] in", "en"),
        ("theodora wants the light on", "[person] wants the light on", "en"),
        ("the guy in three b is called mortimer", "the guy in three b is called [person]", "en"),
        ("the kids are otis, ines and lev", "the kids are [person], [person] and [person]", "en"),
        ("is leontyne awake yet", "is [person] awake yet", "en"),
        ("did bartolo take his pills", "did [person] take his pills", "en"),
        ("has thandi left yet", "has [person] left yet", "en"),
        ("put wilhelmina through to the kitchen", "put [person] through to the kitchen", "en"),
        ("get rasheeda on the line", "get [person] on the line", "en"),
        ("no jasper put that down", "no [person] put that down", "en"),
        ("oh jasper stop it", "oh [person] stop it", "en"),
        ("when is florence coming home", "when is [person] coming home", "en"),
        ("is donald trump dead", "is [person] dead", "en"),
        ("Zainab, dinner is ready", "[person], dinner is ready", "en"),
        ("oisin can you hear me", "[person] can you hear me", "en"),
        ("officer kowalewski knocked", "officer [person] knocked", "en"),
        ("grandma ottilie is asleep", "grandma [person] is asleep", "en"),
        ("first name isolde surname achebe", "first name [person] surname [person]", "en"),
        ("new contact ludovic", "new contact [person]", "en"),
        ("he asked for ferdinanda", "he asked for [person]", "en"),
        ("saffiya is my oldest", "[person] is my oldest", "en"),
        ("eustace and i will be there", "[person] and i will be there", "en"),
        ("turn off the fan in gwendolens bedroom", "turn off the fan in [person] bedroom", "en"),
        ("kazimir works at a bank", "[person] works at a bank", "en"),
        ("está saturnina en el cole", "está [person] en el cole", "es"),
        ("ha llamado eulogio", "ha llamado [person]", "es"),
        ("pon a visitación en altavoz", "pon a [person] en altavoz", "es"),
        ("Eudoxia, ven", "[person], ven", "es"),
        ("quién es leocadia ferrándiz", "quién es [person]", "es"),
        ("apaga la luz del cuarto de ramiro", "apaga la luz del cuarto de [person]", "es"),
        ("las gemelas se llaman noa y vega", "las gemelas se llaman [person] y [person]", "es"),
    ],
)
def test_whoever_is_asked_about_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("who is the mayor of chicago", "en"),
        ("who is it", "en"),
        ("no problem put it back", "en"),
        ("is tokyo in japan", "en"),
        ("is dinner ready yet", "en"),
        ("did the mail come", "en"),
        ("put the kettle on", "en"),
        ("does costco have tires", "en"),
        ("did netflix release anything", "en"),
        ("what is paris known for", "en"),
        ("let the dog in", "en"),
        ("okay can you hear me", "en"),
        ("how old is madonna", "en"),
        ("when was mozart born", "en"),
        ("call my brother", "en"),
        ("what is my first name", "en"),
        ("in the living room", "en"),
        ("salt and pepper", "en"),
        ("reply to that one with yes", "en"),
        ("the nurse will call at three", "en"),
        ("send email to mom", "en"),
        ("está la cena en la mesa", "es"),
        ("pon a hervir el agua", "es"),
        ("quién es el alcalde", "es"),
        ("la luz del cuarto de baño", "es"),
        ("vale ven", "es"),
        ("ha llamado alguien", "es"),
        ("manda un mensaje al grupo", "es"),
    ],
)
def test_a_question_about_nobody_stays_whole(text: str, language: str) -> None:
    assert left(text, language) == text
