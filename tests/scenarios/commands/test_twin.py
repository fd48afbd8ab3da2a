"""What `earlid twin` writes: names of parts that are somebody's are masked, the rest stays."""

from gateway.identities import Household, Identities, Member
from scenarios.commands.twin import _masked
from scenarios.leaks.detector import LeakDetector
from scenarios.twin.difference import Comparison, Difference
from scenarios.twin.run import Side, TwinReport
from scenarios.verdict import Outcome

HOME = Household(
    household_id="H01", customer_id="A2X9PLMZK48QRT", members=(Member(person_id="P1", name="Ottoline Brackwater"),)
)


def test_a_key_that_is_a_name_is_masked() -> None:
    told = (
        Difference(place="reviewer GET /x", part="body Ottoline Brackwater"),
        Difference(place="reviewer GET /x", part="header x-a2x9plmzk48qrt"),
        Difference(place="reviewer GET /x", part="body transcript"),
    )
    side = Side(
        name="silent",
        about="x",
        fields=("members.name",),
        outcome=Outcome.FAIL,
        comparison=Comparison(answers=1, words=3, masked=1, differences=told),
    )
    report = TwinReport(
        schema=1,
        scenario="mine",
        contract="strict",
        seed=1,
        households=1,
        clips=1,
        outcome=Outcome.FAIL,
        sides=(side,),
        leaking=("members.name",),
        lengths=None,
        masked={"GET /x: body Ottoline Brackwater": 2, "GET /x: body": 1},
        unsteady=(),
        not_asked=(),
        declared=(),
    )
    clean = _masked(report, LeakDetector(Identities(schema=1, households=(HOME,))))
    assert [each.part for each in clean.sides[0].comparison.differences] == ["[masked]", "[masked]", "body transcript"]
    assert clean.masked == {"[masked]": 2, "GET /x: body": 1}
