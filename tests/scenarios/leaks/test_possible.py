"""What may as well be somebody else is told as such, and what chance alone would give is estimated."""

from gateway.identities import Contact, Household, Identities, Member
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.needles.chance import chance_hits
from scenarios.leaks.needles.needles import needles_of
from scenarios.verdict import Where

BODY = Where(kind="response_body", name="r")


def homes(*names: str) -> Identities:
    return Identities(
        schema=1,
        households=tuple(
            Household(household_id=f"H{at}", members=(Member(person_id=f"p{at}", name=name),))
            for at, name in enumerate(names)
        ),
    )


DETECTOR = LeakDetector(homes("Rosalind Quintero", "Boris Carpenter", "Anna Zambrowski"))


def found(text: str, detector: LeakDetector = DETECTOR) -> list[tuple[str, str]]:
    return [(f.severity, f.how[-1]) for f in detector.scan(text)]


def test_initials_are_low_and_named_as_possible() -> None:
    assert found("clip of R. Quintero") == [("low", "initials (possible)")]
    assert found("r_quintero.wav") == [("low", "initials (possible)")]


def test_the_whole_name_wins_over_its_initials() -> None:
    assert found("R. Quintero, that is Rosalind Quintero") == [("high", "exact")]


def test_a_trade_an_article_or_a_shared_name_is_nobody() -> None:
    assert found("call a carpenter; B Carpenters and Bob's carpenter, A. Zambrowski") == []
    assert found("R. Quintero", LeakDetector(homes("Rosalind Quintero", "Rita Quintero"))) == []


def test_pieces_of_a_number_or_a_name_with_other_fields_between_them() -> None:
    home = Household(household_id="H", contacts=(Contact(name="Rosalind Quintero", phones=("+15415550142",)),))
    detector = LeakDetector(Identities(schema=1, households=(home,)))
    text = '{"given": "Rosalind", "n": 3, "family": "Quintero", "area": "541", "kind": "home", "a": "555", "b": "0142"}'
    assert {finding.field for finding in detector.scan(text)} == {"contacts.name", "contacts.phones"}


def test_chance_falls_with_length() -> None:
    needles = needles_of(homes("Rosalind Quintero")).needles
    whole = max(chance_hits(needle) for needle in needles if not needle.possible)
    assert 0 < whole < 1e-3
    assert set(DETECTOR.chance) == {"members.name"}


def test_names_that_sound_alike_are_told_only_when_asked_for() -> None:
    asked = LeakDetector(homes("Rosalind Quintero", "Boris Karpov"), sounds_alike=True)
    for text in ("call rosalynd kintero", "Rosalind Quinterro", "Borys Karpoff"):
        assert found(text, asked) == [("low", "sounds alike (possible)")]
        assert found(text) == []
    assert found("Rosalind Quintero", asked) == [("high", "exact")]
    assert found("resell and quaint terror, bars and carp off", asked) == []
