"""An annotation is in the log and in the database, once, or in neither."""

from typing import Any

import pytest
import sqlalchemy as sa

from gateway.audit.log import Said
from gateway.storage import store
from gateway.storage.annotating import add_annotation

SAID = {"transcription": "hello there", "intent": "message", "effective": "yes"}


def test_an_annotation_is_saved_only_if_the_log_has_it(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make()
    browser = world.browser("ada", "ref-000")
    browser.get("/clips/ref-000")

    def full(_said: Said) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(world.audit, "write", full)
        assert browser.send("/clips/ref-000/annotations", **SAID).status_code >= 500
    assert world.store.annotations("ref-000") == []
    browser.send("/clips/ref-000/annotations", **SAID)
    assert [each["intent"] for each in world.store.annotations("ref-000")] == ["message"]


def test_a_transaction_that_begins_anew_is_logged_once(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make()
    browser = world.browser("ada", "ref-000")
    browser.get("/clips/ref-000")
    tries = iter([True, False])

    def taken_once(*asked: Any) -> None:
        if next(tries):
            raise sa.exc.IntegrityError("", {}, OSError())
        add_annotation(*asked)

    monkeypatch.setattr(store, "add_annotation", taken_once)
    browser.send("/clips/ref-000/annotations", **SAID)
    assert [each[1] for each in world.done()].count("clip_annotated") == 1
    assert len(world.store.annotations("ref-000")) == 1
