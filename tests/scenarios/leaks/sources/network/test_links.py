import httpx
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.sources.network.links import links_in


def _links(body: bytes, **headers: str) -> list[str]:
    given = {"content-type": "text/html", **headers}
    response = httpx.Response(200, headers=given, request=httpx.Request("GET", "http://h/a/b"))
    return [str(link) for link in links_in(response, body)]


def test_links_are_absolute_and_without_fragment() -> None:
    body = b'<a href="c#d">x</a><img src="/e"><link href="//other/f"><form action="/g"></form>'
    assert _links(body) == ["http://h/a/c", "http://h/e", "http://other/f"]


def test_a_redirect_is_a_link() -> None:
    assert _links(b"", location="/next") == ["http://h/next"]


def test_what_is_no_web_address_is_none() -> None:
    assert _links(b'<a href="mailto:x@y"><a href="javascript:void(0)"><a href="http://[::bad/"><a href>') == []


def test_links_of_json_answers_are_followed_and_other_texts_are_not() -> None:
    body = (
        b'{"data": [{"self": "/clips/1", "path": "/dev/null", "said": "/clips/9"}, {"sound_url": "http://h/2.wav"}],'
        b' "links": {"next": "?page=2", "about": {"href": "../about"}}, "next": null, "url": "no address", "first": 3}'
    )
    said = {"content-type": "application/vnd.api+json; charset=utf-8"}
    assert _links(body, **said) == [
        "http://h/clips/1",
        "http://h/2.wav",
        "http://h/a/b?page=2",
        "http://h/about",
    ]


def test_the_link_header_is_a_link() -> None:
    assert _links(b"[]", **{"content-type": "application/json", "link": '</a/b?page=3>; rel="next"'}) == [
        "http://h/a/b?page=3"
    ]


@given(st.binary(max_size=200))
def test_no_json_breaks_it(body: bytes) -> None:
    _links(body, **{"content-type": "application/json"})
    _links(b'{"next": ' + body + b"}", **{"content-type": "application/json"})
    assert _links(b"[" * 100_000, **{"content-type": "application/json"}) == []


@given(st.binary(max_size=200))
def test_no_page_breaks_it(body: bytes) -> None:
    _links(b"<a href=" + body)
