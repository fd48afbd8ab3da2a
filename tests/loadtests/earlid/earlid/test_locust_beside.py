"""Answers beside Locust's clients: each outermost one is handed over once, with what was said of it."""

from typing import Any

import pytest
from earlid.locust_beside import _watched, beside, name_of


class Request:
    method, url = "GET", "http://127.0.0.1/a/b?c=d"


def _session(answers: Any) -> tuple[Any, list[Any]]:
    handed: list[Any] = []

    class Session:
        def send(self, request: Any, hops: int = 0) -> Any:
            if hops:
                self.send(request, hops - 1)
            if isinstance(answers, Exception):
                raise answers
            return answers

    Session.send = _watched(Session.send, lambda *told: handed.append(told), ())  # type: ignore[method-assign]
    return Session(), handed


def test_a_redirect_belongs_to_its_request() -> None:
    session, handed = _session("answer")
    assert session.send(Request(), 2) == "answer"
    assert handed == [("answer", "GET", Request.url, {})]


def test_context_is_of_its_block_alone() -> None:
    session, handed = _session("answer")
    with beside(may_see=["H1"]), beside(person="u1"):
        session.send(Request())
    session.send(Request())
    assert [context for *_rest, context in handed] == [{"may_see": ["H1"], "person": "u1"}, {}]


def test_what_broke_off_is_handed_over_and_raised() -> None:
    session, handed = _session(ValueError("x"))
    with pytest.raises(ValueError, match="x"):
        session.send(Request())
    assert handed[0][0].status_code == 0
    assert isinstance(handed[0][0].error, ValueError)


@pytest.mark.parametrize(("url", "name"), [(Request.url, "/a/b"), ("http://127.0.0.1", "/")])
def test_the_path_names_a_request(url: str, name: str) -> None:
    assert name_of(url) == name
