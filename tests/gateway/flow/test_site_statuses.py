"""The operator is told why nothing happens; nobody else learns that anything was said."""

import msgspec
import pytest

from gateway.flow.loggable_counts import loggable
from gateway.flow.site_statuses import SiteStatuses
from gateway.operator_messages import SiteStatus, Statuses, StatusQuery
from gateway.vault.messages import VaultUnavailable
from gateway.wire import Mute, SessionStart, decode_json, encode_json
from tests.gateway.world import TOPICS, World

NOW_MS = 1_554_899_400_000  # the world's clock


def status(world: World, **query: str) -> list[SiteStatus]:
    answers = world.service.handle(TOPICS.status("ask", "t"), msgspec.json.encode(query))
    ((topic, payload),) = answers
    assert topic == TOPICS.status("told", "t")
    return decode_json(payload, Statuses).sites


def test_what_was_seen_of_each_site_last() -> None:
    world = World()
    world.say("s1", loud=True)
    world.hear("s1")
    world.say("s2", loud=False, site="quiet")
    world.receipts()
    world.tell("mute", Mute(muted=True, at_ms=1), "quiet")
    world.service.handle(TOPICS.frame("stranger"), b"RIFF")
    world.service.handle(TOPICS.frame("quiet", "s3"), b"no audio")
    world.service.handle(TOPICS.device("kitchen", "session/end"), b"{")
    assert status(world) == [
        SiteStatus(
            site_id="kitchen",
            last_seen_ms=NOW_MS,
            frames=40,
            unreadable=1,
            last_outcome="incomplete",
            last_reason="bad_message",
            clock_offset_ms=5_000 - NOW_MS,
            known=True,
        ),
        SiteStatus(
            site_id="quiet",
            last_seen_ms=NOW_MS,
            frames=40,
            unreadable=1,
            last_outcome="dropped",
            last_reason="no_consent",
            clock_offset_ms=5_000 - NOW_MS,
            muted=True,
            known=True,
        ),
        SiteStatus(site_id="stranger", last_seen_ms=NOW_MS, unreadable=1, known=False),
    ]
    assert [each.site_id for each in status(world, siteId="quiet")] == ["quiet"]
    assert status(world, siteId="never") == []


@pytest.mark.parametrize(
    ("site", "reason"), [("stranger", "unknown_device"), ("quiet", "no_consent"), ("kitchen", "muted")]
)
def test_a_stream_nobody_listens_to_has_a_reason(site: str, reason: str) -> None:
    world = World()
    if reason == "muted":
        world.tell("mute", Mute(muted=True, at_ms=1))
    world.service.handle(TOPICS.frame(site), _frame())
    (told,) = status(world, siteId=site)
    assert (told.frames, told.last_outcome, told.last_reason) == (1, "dropped", reason)


def _frame() -> bytes:
    from gateway.wire import encode_wav

    return encode_wav(bytes(2_048))


def test_a_clock_that_is_wrong_is_told() -> None:
    world = World()
    world.tell("session/start", SessionStart(session_id="s", at_ms=NOW_MS + 86_400_000, trigger="wake"))
    (told,) = status(world)
    assert told.clock_offset_ms == 86_400_000


def test_while_the_vault_is_away_nobody_knows_whether_a_site_is_known() -> None:
    class Gone:
        def standing(self, site_id: str) -> None:
            raise VaultUnavailable("gone")

    world = World(vault=Gone())
    world.service.handle(TOPICS.frame("kitchen"), _frame())
    (told,) = status(world)
    assert (told.known, told.last_reason) == (None, "vault_unavailable")


def test_nothing_of_it_is_in_any_other_answer_or_in_the_log() -> None:
    """A dropped utterance is in the operator's status, and nowhere else."""
    world, silent = World(), World()
    world.say("s1", loud=False)
    world.receipts()
    assert status(world)[0].last_reason == "no_wake_word"
    assert loggable(world.service.counts) == loggable(silent.service.counts)
    for topic in (TOPICS.watermark("ask", "t"), TOPICS.device("kitchen", "context")):
        assert b"no_wake_word" not in b"".join(payload for _, payload in world.service.handle(topic, b"{}"))


def test_every_site_is_told_in_answers_of_a_bounded_size_and_they_are_bounded_in_number() -> None:
    sites = SiteStatuses(lambda: 5)
    for number in range(5_000):
        sites.heard(f"{'é' * 400}{number:05d}")
    names, query = [], StatusQuery()
    while True:
        told = sites.answer(query, lambda _: False, lambda _: True)
        assert len(encode_json(told)) < 128 * 1024
        names += [each.site_id for each in told.sites]
        if not told.more:
            break
        query = StatusQuery(after=names[-1])
    assert len(names) == len(set(names)) == 4_096
    assert names[-1].endswith("04999")


def test_a_question_that_cannot_be_read_has_no_answer() -> None:
    world = World()
    assert world.service.handle(TOPICS.status("ask", "t"), b"{") == []
    assert world.service.counts["bad_message"] == 1
