import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from gateway.review.checking.agreement import (
    Answer,
    against,
    alike,
    alpha,
    by_intent,
    differing,
    kappa,
    pairs_of,
    word_likeness,
    words_in,
)

# Krippendorff 2011, section C: four observers, twelve units, nominal data with missing values.
CANONICAL = """
A 1 2 3 3 2 1 4 1 2 . . .
B 1 2 3 3 2 2 4 1 2 5 . 3
C . 3 3 3 2 3 4 2 2 5 1 .
D 1 2 3 3 2 4 4 1 2 5 1 .
"""


def answer(ref: str, reviewer: str, intent: str = "music", **more: object) -> Answer:
    said = {"effective": "yes", "false_activation": False} | more
    return Answer(ref=ref, reviewer=reviewer, intent=intent, **said)  # type: ignore[arg-type]


def intent(each: Answer) -> str:
    return each.intent


def test_alpha_is_what_its_author_published() -> None:
    said = []
    for line in CANONICAL.strip().splitlines():
        who, *values = line.split()
        said += [answer(str(at), who, value) for at, value in enumerate(values) if value != "."]
    assert alpha(said, intent) == pytest.approx(0.743, abs=0.0005)


def test_alpha_of_full_agreement_and_of_nothing_to_compare() -> None:
    same = [answer(ref, who, "music" if ref == "a" else "timer") for ref in "ab" for who in "xy"]
    assert alpha(same, intent) == 1
    assert alpha([answer("a", "x"), answer("b", "y")], intent) is None
    assert alpha([answer("a", "x"), answer("a", "y")], intent) is None, "one value alone tells nothing"
    assert alpha([], intent) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40))
def test_kappa_is_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    found = kappa(pairs)
    if len({value for pair in pairs for value in pair}) == 1:
        assert found is None
    else:
        assert found == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)), abs=1e-9)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=12))
def test_alpha_does_not_depend_on_order_or_names(pairs: list[tuple[str, str]]) -> None:
    said = [answer(str(at), who, value) for at, pair in enumerate(pairs) for who, value in zip("xy", pair, strict=True)]
    renamed = [answer(each.ref, each.reviewer + "2", each.intent * 2) for each in reversed(said)]
    one, other = alpha(said, intent), alpha(renamed, intent)
    assert one == other if one is None else one == pytest.approx(other)
    assert one is None or one <= 1


def test_pairs_are_each_two_who_judged_one_clip() -> None:
    said = [answer("a", "x"), answer("a", "y"), answer("b", "x", "timer"), answer("b", "y", "timer"), answer("c", "z")]
    found = [(each.first, each.second, each.clips, each.kappa) for each in pairs_of(said, intent)]
    assert found == [("x", "y", 2, 1.0)]


def test_words_are_compared_by_edits_without_signs_and_case() -> None:
    assert words_in("Alexa, call [contact]!  NOW.") == ("alexa", "call", "[contact]", "now")
    assert alike(("a", "b", "c", "d"), ("a", "b", "x", "d")) == 0.75
    assert alike((), ()) == 1
    one, other = answer("a", "x", words=("a", "b")), answer("a", "y", words=("a", "c"))
    assert word_likeness([one, other]) == 0.5
    assert word_likeness([one]) is None


def test_differing_names_the_fields() -> None:
    base = answer("a", "x", words=("a", "b", "c", "d", "e"))
    assert differing([base, answer("a", "y", words=("a", "b", "c", "d", "x"))]) == ()
    other = answer("a", "y", "timer", effective="no", heard=frozenset({"child"}), words=("q",))
    assert differing([base, other]) == ("intent", "effective", "heard", "words")


def test_known_answers_count_for_everybody_but_their_author() -> None:
    known = {"a": answer("a", "lea"), "b": answer("b", "-", "timer")}
    said = [answer("a", "x"), answer("a", "lea"), answer("b", "x"), answer("b", "lea", "timer"), answer("c", "x")]
    people = {each.reviewer: (each.known, dict(each.right)) for each in against(said, known)}
    assert people == {
        "lea": (1, {"intent": 1, "effective": 1, "false_activation": 1}),
        "x": (2, {"intent": 1, "effective": 2, "false_activation": 2}),
    }
    assert by_intent(said, known) == {"music": (1, 1), "timer": (2, 1)}
