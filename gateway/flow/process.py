"""The gateway's process: builds its parts and serves until it is stopped."""

import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gateway.contract.model import Contract
from gateway.files import BadFile
from gateway.flow.decision_notes import DecisionNotes
from gateway.flow.loggable_counts import loggable
from gateway.flow.service import Dependencies, Service
from gateway.gate.verify import verifier_of
from gateway.gate.wake import KNOWN_ANSWERS, load_detector
from gateway.intake.mqtt_client import MqttIntake
from gateway.intake.mute_switches import MuteSwitches
from gateway.keys import make_or_read_key, read_key
from gateway.redact.location import town_populations
from gateway.storage.retention import sweep
from gateway.storage.store import Store
from gateway.vault.client import VaultClient
from gateway.wire import Topics

_TICK_S = 0.02
_SWITCH_S = 0.0005  # thread switch interval; with Python's usual 5 ms a flood piles up in the network thread
_REPORT_S = 5.0
_TIDY_S = 3600.0  # lifetimes and retention count days
_TIDY_AGAIN_S = 60.0  # after one that broke


def serve_gateway(
    broker: str,
    store: str,
    rules: Contract,
    vault: VaultClient,
    *,
    topic_root: str,
    join_key: Path | None,
    key_file: Path | None,
    ca: Path | None,
    decisions: Path | None = None,
) -> None:
    """Serve until stopped. Prints "gateway ready" on stdout after it subscribed.

    The loggable counts go to stderr when they change, and at the end.

    Raises:
        BadFile: a model, a key, the store or the broker is not available.
    """
    if rules.gate.wake_model == KNOWN_ANSWERS and rules.kind == "protect":
        raise BadFile(f"gate.wake_model: {KNOWN_ANSWERS}: for tests; no contract of kind protect may have it")
    key = make_or_read_key(key_file)
    switches = MuteSwitches(key_file.with_name(key_file.name + ".muted"), key) if key_file else MuteSwitches()
    keeper = Store(store)
    joins = read_key(join_key) if join_key else None
    service = Service(
        Dependencies(
            contract=rules,
            detector=load_detector(rules.gate.wake_model),
            verifier=verifier_of(rules.gate),
            vault=vault,
            store=keeper,
            population=town_populations() if rules.redact.location.show == "locality" else {},
            key=key,
            switches=switches,
            now=lambda: datetime.now(UTC),
            join_key=joins,
            notes=DecisionNotes(decisions, joins) if decisions and joins else None,
            topic_root=topic_root,
        )
    )
    sys.setswitchinterval(_SWITCH_S)
    ingest = MqttIntake(broker, Topics(topic_root), ca=ca, key=key if key_file else b"")
    sys.stdout.write("gateway ready\n")
    sys.stdout.flush()
    try:
        _work(ingest, service, lambda: sweep(keeper, rules, datetime.now(UTC)))
    finally:
        _log(loggable(service.counts))
        ingest.close()
        keeper.close()


def _work(
    ingest: MqttIntake, service: Service, tidy: Callable[[], object], *, monotonic: Callable[[], float] = time.monotonic
) -> None:
    said, said_at, tidy_at = "", monotonic(), monotonic()
    while True:
        if monotonic() >= tidy_at:
            tidy_at = monotonic() + (_TIDY_S if _tidied(tidy, service.counts) else _TIDY_AGAIN_S)
        for came in ingest.messages(0.0 if service.unsettled else _TICK_S):
            for answer in service.take(came):
                ingest.publish(*answer)
        for answer in service.settle():
            ingest.publish(*answer)
        if monotonic() - said_at > _REPORT_S:
            line, said_at = loggable(service.counts), monotonic()
            if line != said:
                said = line
                _log(line)


def _tidied(tidy: Callable[[], object], counts: Counter[str]) -> bool:
    """Whether the cleanup worked. A failure is counted and does not stop the gateway."""
    try:
        tidy()
    except Exception as error:
        counts[f"broke:{type(error).__name__}"] += 1
        return False
    return True


def _log(line: str) -> None:
    sys.stderr.write(f"earlid gateway: {line}\n")
