"""Every event is said in a sentence, with the time in words and what it takes."""

import json
from typing import get_args

import pytest

from scenarios.model.events.sentences import sentence
from scenarios.model.timeline import Does, Happening


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (
            {"at": "5m", "do": "broker_stop", "for": "20s"},
            "5 minutes of simulated time the broker is stopped, for 20 s",
        ),
        ({"at": 0, "do": "gateway_kill"}, "At the beginning the gateway is killed and started again."),
        ({"at": "1h", "do": "clock_step", "by": "-5m", "cohort": "a"}, "clocks of cohort a jump 5 minutes back."),
        ({"at": "60d", "do": "household_forgotten", "household": "H02"}, "After 60 days of simulated time H02 is"),
        ({"at": "1m", "do": "link", "latency_ms": 20, "loss": 0.1}, "(latency 20 ms, loss 0.1 of packets)"),
        ({"at": "1m", "do": "contract_changed", "contract": "strict"}, "another contract (strict)."),
        ({"after": "181d"}, "as it is 181 days later."),
    ],
)
def test_what_it_says(event: object, says: str) -> None:
    assert says in sentence(Happening.model_validate_json(json.dumps(event)))


@pytest.mark.parametrize("do", get_args(Does))
def test_every_event_has_a_sentence(do: str) -> None:
    assert sentence(Happening.model_validate_json(json.dumps({"at": "1m", "do": do}))).endswith(".")
