"""`python -m simulator`: both kinds of file, a fleet against a real broker, and errors in one line."""

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from typer.testing import CliRunner

from gateway.identities import load_identities, load_provisioning
from gateway.wire import Topics
from simulator.__main__ import app
from simulator.world.truth import Truth

RUNNER = CliRunner()


def test_both_kinds_of_file_come_from_one_seed(tmp_path: Path) -> None:
    whole, provisioning = tmp_path / "whole.json", tmp_path / "provisioning.json"
    for path, kind in ((whole, "--with-secrets"), (provisioning, "--provisioning")):
        result = RUNNER.invoke(app, ["identities", "--households", "3", "--out", str(path), kind])
        assert result.exit_code == 0

    assert load_identities(whole).without_secrets() == load_provisioning(provisioning)
    assert all(home.secrets for home in load_identities(whole).households)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["fleet", "--broker", "tcp://x"], "mqtt://host:port is wanted"),
        (["fleet", "--broker", "mqtts://127.0.0.1:1", "--ca", "nowhere.pem"], "nowhere.pem: No such file"),
        (["fleet", "--broker", "mqtt://127.0.0.1:1", "--identities", "nowhere.json"], "nowhere.json: No such file"),
        (["identities", "--out", "x.json", "--town", "Ashland, TX"], "town: Ashland, TX: no such town"),
        (["identities", "--out", "no/such/folder/x.json", "--households", "1"], "No such file or directory"),
    ],
)
def test_what_a_person_has_to_mend_is_one_line(arguments: list[str], complaint: str) -> None:
    result = RUNNER.invoke(app, arguments)

    assert result.exit_code == 2
    assert complaint in result.stderr
    assert result.stderr.startswith("simulator: ")
    assert result.stderr.count("\n") == 1


def test_a_fleet_runs_against_a_broker(broker: str, tmp_path: Path, scripted: Callable[..., Any]) -> None:
    gateway, truth = scripted("kept"), tmp_path / "truth.json"
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("fleet", "pw")

    def on_message(c: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        for topic, payload in gateway.handle(message.topic, bytes(message.payload)):
            c.publish(topic, payload, qos=1)

    client.on_message = on_message
    host, port = broker.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.subscribe([(topic, 1) for topic in Topics().for_gateway()])
    client.loop_start()
    try:
        options = ["--households", "2", "--utterances", "1", "--username", "fleet", "--truth", str(truth)]
        options += ["--wakes", "every_sound", "--town", "Ashland, OR", "--town", "Ashland, MI"]
        result = RUNNER.invoke(app, ["fleet", "--broker", broker, *options], env={"EARLID_MQTT_PASSWORD": "pw"})
    finally:
        client.disconnect()
        client.loop_stop()

    told = msgspec.json.decode(truth.read_bytes(), type=Truth)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"{len(told.utterances)} kept"
    assert len(gateway.transcripts()) == len(told.utterances)
    assert stat.S_IMODE(truth.stat().st_mode) == 0o600


def test_homes_live_where_they_are_asked_to(tmp_path: Path) -> None:
    out = tmp_path / "ids.json"

    RUNNER.invoke(app, ["identities", "--households", "2", "--out", str(out), "--town", "Ashland, MI"])

    assert [home.home.postal_code for home in load_identities(out).households if home.home] == ["49327"] * 2


def test_a_broker_that_does_not_answer_is_no_mistake_of_the_user() -> None:
    result = RUNNER.invoke(app, ["fleet", "--broker", "mqtt://127.0.0.1:1"])

    assert result.exit_code == 3
    assert "no broker answers" in result.stderr


def test_a_fleet_can_send_once_to_a_gateway_that_says_nothing(broker: str, tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    options = ["--households", "2", "--utterances", "2", "--username", "fleet", "--truth", str(truth), "--send-once"]
    options += ["--wakes", "every_sound"]
    secret = {"EARLID_MQTT_PASSWORD": "pw"}

    refused = RUNNER.invoke(app, ["fleet", "--broker", broker, *options], env=secret)
    result = RUNNER.invoke(app, ["fleet", "--broker", broker, *options, "--factor", "300"], env=secret)

    assert refused.exit_code == 2
    assert "wants --factor" in refused.stderr
    told = msgspec.json.decode(truth.read_bytes(), type=Truth)
    assert {(delivery.attempts, delivery.outcome) for delivery in told.deliveries} == {(1, None)}
    assert f"{len(told.utterances)} unanswered" in result.stdout
    assert told.pace is not None
    assert result.exit_code == (0 if told.pace.valid else 3)


def test_a_fleet_says_what_it_never_sent(broker: str) -> None:
    options = ["--households", "4", "--utterances", "3", "--username", "fleet", "--send-once", "--factor", "2000"]
    options += ["--reboots", "1", "--offline", "1"]

    result = RUNNER.invoke(app, ["fleet", "--broker", broker, *options], env={"EARLID_MQTT_PASSWORD": "pw"})

    assert re.search(r"; never sent: .*\d+ not woken", result.stdout)
