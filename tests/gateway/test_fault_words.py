"""No phrase of pydantic's reaches a person; a value stands there where the file names nobody."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fault_words import says, shown


class Everything(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="ignore", strict=False)

    whole: int = 0
    number: Annotated[float, pydantic.Field(ge=0, le=1, allow_inf_nan=False)] = 0
    above: Annotated[int, pydantic.Field(gt=3)] = 4
    text: Annotated[str, pydantic.Field(min_length=1, max_length=4, pattern="^[a-z]+$")] = "a"
    choice: Literal["keep", "drop"] = "keep"
    flag: bool = False
    some: Annotated[tuple[str, ...], pydantic.Field(min_length=1)] = ("a",)
    keys: dict[str, int] = {}
    day: date | None = None
    then: datetime | None = None
    place: Path | None = None


def fault(**said: Any) -> dict[str, Any]:
    with pytest.raises(pydantic.ValidationError) as found:
        Everything.model_validate(said)
    return dict(found.value.errors(include_url=False)[0])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"whole": "x"}, "x: a whole number is wanted"),
        ({"whole": 1.5}, "1.5: a whole number is wanted"),
        ({"number": 2}, "2: at most 1.0 is wanted"),
        ({"number": float("inf")}, "inf: a number that is not infinite is wanted"),
        ({"above": 3}, "3: above 3 is wanted"),
        ({"text": 7}, "7: a text is wanted"),
        ({"text": "ABC"}, "ABC: does not look like ^[a-z]+$"),
        ({"text": "abcde"}, "abcde: at most 4 characters are wanted"),
        ({"choice": "dorp"}, "dorp: did you mean drop? allowed: drop, keep"),
        ({"flag": "perhaps"}, "perhaps: true or false is wanted"),
        ({"some": "a"}, "a: a list is wanted"),
        ({"some": []}, "a list: at least 1 entry is wanted"),
        ({"keys": [1]}, "a list: keys and values are wanted"),
        ({"day": "9.3.1984"}, "9.3.1984: a date such as 1984-03-09 is wanted"),
        ({"place": 7}, "7: a path is wanted"),
    ],
)
def test_each_kind_of_fault_is_a_plain_sentence(said: dict[str, Any], words: str) -> None:
    assert says(fault(**said), quote=True) == words
    assert says(fault(**said)) == words.partition(": ")[2].replace("did you mean drop? ", "")


ANY = st.text() | st.integers() | st.none() | st.lists(st.none())


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(Everything.model_fields, ANY)))
def test_no_phrase_of_pydantic_is_left(said: dict[str, Any]) -> None:
    try:
        Everything.model_validate(said)
    except pydantic.ValidationError as error:
        for each in error.errors(include_url=False):
            words = says(each)
            assert not any(word in words.lower() for word in ("input", "valid ", "unable", "instance", "parse")), words
            assert says(each, quote=True).isprintable()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("a" * 99, "a" * 37 + "..."),
        (None, "null"),
        (True, "true"),
        ("", "''"),
        ({"a": 1}, "keys and values"),
    ],
)
def test_a_value_is_quoted_short_and_harmless(value: object, words: str) -> None:
    assert shown(value) == words
