"""Saves what a reviewer says of a clip, sealed with the clip's key."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from gateway.storage.clip_keys import opened, sealed
from gateway.storage.database import its
from gateway.storage.tables import annotations, flags

_REF = its("ref")
_NEXT = sa.select(sa.func.coalesce(sa.func.max(annotations.c.number), 0) + 1).where(annotations.c.ref == _REF)
_ANNOTATE = annotations.insert().values(number=_NEXT.scalar_subquery()).returning(annotations.c.number)
_MINE = sa.and_(annotations.c.ref == _REF, annotations.c.reviewer == its("who"))
_MY_LATEST = sa.select(annotations).where(_MINE).order_by(annotations.c.number.desc()).limit(2)
_TAKE_BACK = annotations.delete().where(annotations.c.ref == _REF, annotations.c.number == its("number"))
_FLAGGED = sa.select(flags.c.ref).where(flags.c.ref == _REF)
_JUDGEMENT = ("intent", "effective", "heard", "false_activation", "speakers")


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """What one reviewer says of one clip. `heard` are codes such as `background_talk` or `child`.

    `speakers` are (start_ms, end_ms, who) on the clip's sound.
    """

    reviewer: str
    transcription: str
    intent: str
    effective: str
    heard: Sequence[str] = ()
    false_activation: bool = False
    speakers: Sequence[tuple[int, int, str]] = ()


def add_annotation(db: sa.Connection, key: bytes, ref: str, said: Annotation) -> None:
    """Add it, unless it is what this reviewer has said last of the clip: a call that got no answer may come again.

    Raises:
        sqlalchemy.exc.IntegrityError: another transaction took its number. Begin again.
    """
    row = msgspec.structs.asdict(said) | {"ref": ref, "heard": list(said.heard)}
    row["speakers"] = [list(each) for each in said.speakers]
    row["note"] = sealed(key, row.pop("transcription").encode(), "note")
    row["annotated_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    number: int = db.execute(_ANNOTATE, row | {"its_ref": ref}).scalar_one()
    if number > 1 and _says_it_again(db, key, ref, said):
        db.execute(_TAKE_BACK, {"its_ref": ref, "its_number": number})
    if "distress" in said.heard and db.execute(_FLAGGED, {"its_ref": ref}).first() is None:
        db.execute(flags.insert().values(ref=ref))


def _says_it_again(db: sa.Connection, key: bytes, ref: str, said: Annotation) -> bool:
    """Whether the reviewer's newest annotation of a clip is the same as the one before it."""
    rows = db.execute(_MY_LATEST, {"its_ref": ref, "its_who": said.reviewer}).all()
    if len(rows) < 2 or opened(key, rows[1].note, "note") != said.transcription.encode():
        return False
    return all(getattr(rows[0], name) == getattr(rows[1], name) for name in _JUDGEMENT)
