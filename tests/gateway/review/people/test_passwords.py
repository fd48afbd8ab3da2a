import pytest

from gateway.review.people.passwords import LEAST, MOST, fault_of


@pytest.mark.parametrize(
    "password",
    [
        "",
        "a" * (LEAST - 1),
        "a" * LEAST,
        "password1234",
        "123456789012",
        "qwertyuiop12",
        "ada-ada-ada-ada",
        "earlidreview",
    ],
)
def test_short_and_common_ones_are_refused_with_a_sentence(password: str) -> None:
    fault = fault_of(password, "ada")
    assert fault is not None
    assert fault.endswith(".")
    assert password not in fault or not password


@pytest.mark.parametrize("password", ["stapled horses walk uphill", "ünïcödé und mehr davon", "x7#kQ9!vLp2$mZ"])
def test_long_ones_of_any_signs_are_taken(password: str) -> None:
    assert fault_of(password, "ada") is None


def test_there_is_an_upper_bound() -> None:
    assert fault_of("ab3 " * MOST, "ada") == f"A password has at most {MOST} characters."
