"""People whom somebody meets, hears from, celebrates or fetches are masked; things in the same places stay."""

import pytest

from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("you've reached ted and ginny alvarado", "you've reached [person] and [person]", "en"),
        ("he shouted at gareth", "he shouted at [person]", "en"),
        ("she named him frank", "she named him [person]", "en"),
        ("play margot's lullaby", "play [person] lullaby", "en"),
        ("schedule lunch with priyanka at one", "schedule lunch with [person] at one", "en"),
        ("cancel my meeting with lisa on tuesday", "cancel my meeting with [person] on tuesday", "en"),
        ("lunch date with mike jim and bob", "lunch date with [person] and [person]", "en"),
        ("i want to meet jo for coffee", "i want to meet [person] for coffee", "en"),
        ("any new emails today from john smith", "any new emails today from [person]", "en"),
        ("have i heard anything from gretchen", "have i heard anything from [person]", "en"),
        ("did mark post anything new", "did [person] post anything new", "en"),
        ("let me know when casey emails me", "let me know when [person] emails me", "en"),
        ("if july's brother otis has texted me", "if july's brother [person] has texted me", "en"),
        ("open the contact named john", "open the contact named [person]", "en"),
        ("wish ottilie a good night", "wish [person] a good night", "en"),
        ("pick up caspian and ottilie from school", "pick up [person] and [person] from school", "en"),
        ("hey it's ludmila call me back", "hey it's [person] call me back", "en"),
        ("the birthday of emily rosser", "the birthday of [person]", "en"),
        ("add tom to my contact list", "add [person] to my contact list", "en"),
        ("caspian's dentist appointment is at three", "[person] dentist appointment is at three", "en"),
        ("remove finlee's bedtime alarm", "remove [person] bedtime alarm", "en"),
        ("add annika birthday to my calendar", "add [person] birthday to my calendar", "en"),
        ("that would be gretchen with a g", "that would be [person] with a g", "en"),
        ("it's jorgen with no e", "it's [person] with no e", "en"),
        ("delgado-pruitt hyphenated", "[person] hyphenated", "en"),
        ("it's for hallworthy h a l l worthy", "it's for [person]", "en"),
        ("es el cumple de leandro", "es el cumple de [person]", "es"),
        ("recoge a leandro y a ximena del cole", "recoge a [person] y a [person] del cole", "es"),
        ("pásame con evaristo", "pásame con [person]", "es"),
        ("una reunión mañana con ximena", "una reunión mañana con [person]", "es"),
        ("este es leandro mi hijo", "este es [person] mi hijo", "es"),
    ],
)
def test_somebody_one_deals_with_is_masked(text: str, expected: str, language: str) -> None:
    assert left(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("a meeting with the whole team at nine", "en"),
        ("dinner with friends on friday", "en"),
        ("lunch with soup and salad", "en"),
        ("meet me at the station", "en"),
        ("delete the emails from yesterday", "en"),
        ("any messages from work", "en"),
        ("did anybody call me", "en"),
        ("did it rain", "en"),
        ("let me know when dinner needs stirring", "en"),
        ("wish me luck", "en"),
        ("pick up prescriptions from the pharmacy", "en"),
        ("pick up groceries after work", "en"),
        ("hey it's snowing", "en"),
        ("the birthday of the queen", "en"),
        ("add eggs to my list", "en"),
        ("mother's day is in may", "en"),
        ("today's schedule please", "en"),
        ("tomorrow's alarm at six", "en"),
        ("what's on the calendar", "en"),
        ("tea with a lemon", "en"),
        ("play that with no ads", "en"),
        ("la fiesta de cumpleaños de mañana", "es"),
        ("una cena con amigos", "es"),
        ("café con leche", "es"),
        ("recoge a los niños del cole", "es"),
        ("una reunión con el equipo", "es"),
    ],
)
def test_what_is_nobody_stays(text: str, language: str) -> None:
    assert left(text, language) == text
