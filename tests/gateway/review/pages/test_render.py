import jinja2
import pytest

from gateway.review.pages.render import coordinates, moment, page, percent, words


def test_places_moments_and_codes_read_as_people_write_them() -> None:
    assert coordinates(42.194576, -122.709477) == "42.19458° N, 122.70948° W"
    assert coordinates(-33.0, 151.0) == "33.00000° S, 151.00000° E"
    assert moment("2019-04-10T07:12:31+00:00") == "2019-04-10 07:12:31 UTC"
    assert moment("2019-04-10") == "2019-04-10"
    assert percent(1 / 3) == "33.33%"
    assert words("wake_word") == "Wake word"
    assert words("some_new_code") == "Some new code"


def test_a_value_a_template_lacks_is_an_error_not_a_blank() -> None:
    with pytest.raises(jinja2.UndefinedError):
        page("error.html")
