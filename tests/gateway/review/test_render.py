import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.review.render import coordinates, marked, moment, page, words


def test_placeholders_are_set_apart_and_everything_else_is_escaped() -> None:
    assert marked("call [contact] at <b>[bank account]</b> [sic]") == (
        "call <mark>contact</mark> at &lt;b&gt;<mark>bank account</mark>&lt;/b&gt; [sic]"
    )


@given(st.text())
def test_no_transcript_can_open_a_tag(text: str) -> None:
    html = marked(text).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in html
    assert ">" not in html


def test_places_moments_and_codes_read_as_people_write_them() -> None:
    assert coordinates(42.194576, -122.709477) == "42.19458° N, 122.70948° W"
    assert coordinates(-33.0, 151.0) == "33.00000° S, 151.00000° E"
    assert moment("2019-04-10T07:12:31+00:00") == "2019-04-10 07:12:31 UTC"
    assert moment("2019-04-10") == "2019-04-10"
    assert words("wake_word") == "Wake word"
    assert words("some_new_code") == "Some new code"


def test_a_value_a_template_lacks_is_an_error_not_a_blank() -> None:
    with pytest.raises(jinja2.UndefinedError):
        page("error.html")
