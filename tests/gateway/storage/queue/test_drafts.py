"""What somebody has typed is kept for them alone, and goes with the clip."""

from gateway.clip import RedactedClip
from gateway.storage.queue.drafts import Drafts, delete_draft
from gateway.storage.store import Store


def test_a_draft_is_kept_sealed_and_goes_with_the_clip(url: str) -> None:
    store = Store(url)
    clip = RedactedClip(ref="ref", recorded_on="2019-04-10", trigger="button", duration_ms=9, kept_on="2019-04-10")
    store.put(clip, session_key="ref")
    drafts = Drafts(store.database)
    assert drafts.get("ada", "ref") is None
    for text in (b"one", b"two"):
        assert drafts.keep("ada", "ref", text)
        assert drafts.get("ada", "ref") == text
    assert drafts.get("bob", "ref") is None
    with store.database.engine.begin() as db:
        delete_draft(db, "ada", "ref")
    assert drafts.get("ada", "ref") is None
    assert drafts.keep("ada", "ref", b"two")
    store.withdraw("ref", "critical_data")
    assert drafts.get("ada", "ref") is None
    assert not drafts.keep("ada", "ref", b"three")
    store.close()
