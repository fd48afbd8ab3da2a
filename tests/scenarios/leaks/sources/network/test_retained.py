"""What a broker retains is searched; one that does not answer is one line."""

import runpy
from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.leaks.sources.network.retained import retained

HANDMADE = Path(__file__).parents[4] / "broken" / "mutants" / "handmade.py"


def test_topics_and_payloads_of_what_is_retained() -> None:
    left = runpy.run_path(str(HANDMADE))["left_on_a_broker"]("G0CTL123")
    assert left == [("topic", b"earlid/kitchen/context"), ("retained_message", b'{"serial": "G0CTL123"}')]


def test_no_broker_is_one_line_without_the_password() -> None:
    with pytest.raises(BadFile) as error:
        retained("mqtt://ada:secret@127.0.0.1:9", masked=str)
    assert "secret" not in str(error.value)
    assert "127.0.0.1:9" in str(error.value)
