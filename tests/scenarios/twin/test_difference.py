"""Comparing views: what is random by itself is masked, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.twin.difference import Reference, View, labelled
from scenarios.twin.soundless import soundless, timing

JSON = (("content-type", "application/json"),)
HTML = (("content-type", "text/html; charset=utf-8"),)
WAV = (("content-type", "audio/wav"),)
words = st.text("abcdefgh0123456789", min_size=1, max_size=12)


def clip(n: int = 1, role: str = "reviewer", **facts: object) -> View:
    return View(
        role=role,
        name="GET /api/clips/{ref}",
        clip=f"H01-D1-00{n}",
        status=200,
        headers=JSON,
        body=json.dumps(facts).encode(),
    )


def differ(a: list[View], a2: list[View], b: list[View]) -> set[str]:
    return {difference.part for difference in Reference(a, a2).compare(b).differences}


def test_a_pseudonym_under_another_key_is_the_same_pseudonym() -> None:
    a, a2, b = ([clip(1, device=d), clip(2, device=d), clip(3, device=e)] for d, e in ("xy", "uv", "mn"))
    assert differ(a, a2, b) == set()


def test_its_pattern_counts() -> None:
    a, a2 = ([clip(1, device=d), clip(2, device=d)] for d in "xu")
    assert differ(a, a2, [clip(1, device="m"), clip(2, device="n")]) == {"body device"}


def test_what_two_runs_of_one_world_show_alike_is_not_random() -> None:
    assert differ([clip(device="hash-1")], [clip(device="hash-1")], [clip(device="hash-2")]) == {"body device"}


def test_the_length_of_a_random_word_counts() -> None:
    assert differ([clip(token="abcd")], [clip(token="efgh")], [clip(token="ijklm")]) == {"body token"}
    assert differ([clip(token="abcd")], [clip(token="efg")], [clip(token="ijklm")]) == set()


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"status": 404}, "status"),
        ({"headers": (*JSON, ("etag", "1"))}, "header names"),
        ({"headers": (("content-type", "application/json;v=2"),)}, "header content-type"),
        ({"body": b'{"a": 1, "b": 2}'}, "body keys"),
        ({"body": b'{"a": 1, "a": 1}'}, "a part of its own"),
        ({"body": b'{"a": [1, 2]}'}, "body a"),
        ({"body": b'{"a": ["1", "2"]}'}, "body a"),
    ],
)
def test_every_part_of_an_answer_counts(changed: dict[str, object], part: str) -> None:
    view = clip(a=1)
    other = View(**{**{name: getattr(view, name) for name in view.__struct_fields__}, **changed})
    assert part in differ([view], [view], [other])


def test_a_part_only_the_other_world_has_goes_without_a_name() -> None:
    other = clip(a=1, **{"Ottoline Brackwater": 2})  # type: ignore[arg-type]
    assert differ([clip(a=1)], [clip(a=1)], [other]) == {"body keys", "a part of its own"}


def test_a_sample_of_a_sound_counts() -> None:
    sound = [View(role="r", name="GET /a", clip="c", status=200, headers=WAV, body=bytes(9_000)) for _ in range(2)]
    louder = bytes(8_000) + b"\1" + bytes(999)
    assert differ(sound[:1], sound[1:], [View(role="r", name="GET /a", clip="c", status=200, headers=WAV, body=louder)])


def test_a_clip_in_one_world_alone_counts() -> None:
    assert differ([clip(1)], [clip(1)], [clip(1), clip(2)]) == {"the answer itself"}
    assert differ([clip(1), clip(2)], [clip(1), clip(2)], [clip(1)]) == {"the answer itself"}


def test_an_answer_whose_shape_changes_by_itself_is_said_not_compared() -> None:
    assert Reference([clip(a=1)], [clip(a=1, b=2)]).unsteady == ("reviewer GET /api/clips/{ref}",)


@given(st.lists(words, min_size=3, max_size=8, unique=True), st.data())
def test_any_word_that_is_not_random_is_compared(said: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(said) - 1))
    other = [word if n != at else word + "x" for n, word in enumerate(said)]
    page = [
        View(role="r", name="GET /", status=200, headers=HTML, body=" ".join(row).encode()) for row in (said, other)
    ]
    assert differ(page[:1], page[:1], page[1:]) == {"body"}
    assert differ(page[:1], page[:1], page[:1]) == set()


@given(
    st.permutations([("ref-aaaaaaaaaaaaaaaa", "c1"), ("ref-bbbbbbbbbbbbbbbb", "c2"), ("ref-cccccccccccccccc", "c3")])
)
def test_rows_in_the_order_of_random_refs_say_nothing(named: list[tuple[str, str]]) -> None:
    """The same three clips under other random refs stand in another order, and read the same."""
    labels = {f"ref-{'abc'[at] * 16}": label for at, (_, label) in enumerate(named)}
    rows = "".join(f"<tr><td>{ref}</td><td>{label}!</td></tr>" for ref, label in labels.items())
    data = [{"ref": ref, "said": label} for ref, label in labels.items()]
    assert labelled(f"<table>{rows}</table>".encode(), labels, json_body=False) == (
        b"<table>" + b"".join(b"<tr><td>c%d</td><td>c%d!</td></tr>" % (n, n) for n in (1, 2, 3)) + b"</table>"
    )
    read = json.loads(labelled(json.dumps({"clips": data}).encode(), labels, json_body=True))
    assert [row["said"] for row in read["clips"]] == ["c1", "c2", "c3"]


def test_rows_in_any_other_order_stay() -> None:
    labels = {"ref-bbbbbbbbbbbbbbbb": "c1", "ref-aaaaaaaaaaaaaaaa": "c2"}
    rows = "".join(f"<tr>{ref}</tr>" for ref in labels)
    assert labelled(rows.encode(), labels, json_body=False) == b"<tr>c1</tr><tr>c2</tr>"
    assert (
        labelled("".join(reversed(rows.split("</tr>"))).encode(), labels, json_body=False) != b"<tr>c1</tr><tr>c2</tr>"
    )


def test_without_the_sound_only_lengths_are_left_out() -> None:
    page = View(
        role="r",
        name="GET /clips/{ref}",
        clip="c",
        status=200,
        headers=(*HTML, ("content-length", "9")),
        body=b'<path d="M0 1"/> 2.4 s, 12 Elm, zip 97520 <b>[contact]</b>',
    )
    (seen,) = soundless([page])
    assert b"97520" in seen.body
    assert b"[contact]" in seen.body
    assert b"2.4" not in seen.body
    assert dict(seen.headers)["content-length"] == ""
    (facts,) = soundless([clip(duration_ms=5, peaks=[1], transcript="play [contact]")])
    assert json.loads(facts.body) == {"duration_ms": None, "peaks": None, "transcript": "play [contact]"}
    assert timing([clip(duration_ms=5)]) == {"H01-D1-001": 5}
