from types import SimpleNamespace

import pytest

from loadtests.watch.responses import receive
from scenarios.leaks.detector import LeakDetector

PLACE = "reviewer GET /x"


@pytest.fixture(scope="module")
def detector(known):
    return LeakDetector(known)


def _response(**values):
    given = {"status_code": 200, "reason": "OK", "headers": {"ETag": "1"}, "content": b"body", "history": []}
    return SimpleNamespace(**(given | values))


def _texts(received):
    return {(part.kind, part.name): part.data for part in received.parts}


def test_status_headers_url_and_body_are_parts(detector):
    received = receive(_response(), "http://h/x", PLACE, detector)
    assert _texts(received) == {
        ("url", PLACE): b"http://h/x",
        ("status_line", PLACE): b"200 OK",
        ("response_header", f"{PLACE} [etag]"): b"ETag: 1",
        ("response_body", PLACE): b"body",
    }


def test_redirects_and_the_final_address_are_parts(detector):
    hop = _response(status_code=302, headers={"Location": "/y"}, _content=b"moved")
    request = SimpleNamespace(url="http://h/y")
    texts = _texts(receive(_response(history=[hop], request=request), "http://h/x", PLACE, detector))
    assert texts["response_header", f"{PLACE} [location]"] == b"Location: /y"
    assert texts["redirect_body", PLACE] == b"moved"
    assert texts["url", PLACE] == b"http://h/y"


def test_a_streamed_or_undecodable_body_is_said(detector):
    streamed = receive(_response(_content_consumed=False), "u", PLACE, detector)
    assert streamed.unsearched == "streamed"

    class Undecodable(SimpleNamespace):
        @property
        def content(self):
            raise ValueError("of an unknown kind")

    response = Undecodable(status_code=200, reason="OK", headers={})
    assert receive(response, "u", PLACE, detector).unsearched == "ValueError"


def test_no_answer_has_no_parts(detector):
    assert receive(_response(status_code=0), "u", PLACE, detector).parts == ()


def test_text_of_a_custom_client_is_searched(detector):
    assert _texts(receive("said", "u", PLACE, detector))["response_body", PLACE] == b"said"


def test_a_header_name_that_holds_an_identity_is_masked(detector, known):
    serial = known.households[0].devices[0].serial
    received = receive(_response(headers={f"X-{serial}": "1"}), "u", PLACE, detector)
    assert not [part for part in received.parts if serial.lower() in part.name.lower()]
    assert detector.scan_bytes(b" ".join(part.data for part in received.parts), SimpleNamespace(kind="k", name="n"))
