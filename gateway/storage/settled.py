"""Answers that hold: settled by a third person where two differed, or known beforehand (gold clips)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from gateway.storage.clip_keys import opened, sealed
from gateway.storage.database import Database
from gateway.storage.store import Annotation
from gateway.storage.tables import annotations, clips, settled

_SAID = ("ref", "reviewer", "intent", "effective", "heard", "false_activation")


class Settled:
    """One database. What was typed is sealed with the clip's key, and gone with it."""

    def __init__(self, database: Database) -> None:
        self._engine, self._reading, self._keys = database.engine, database.reading, database.keys

    def settle(self, ref: str, answer: Annotation, *, is_gold: bool = False) -> None:
        """Raises KeyError: the clip is gone. A later answer replaces an earlier one."""
        key = self._keys.get(ref)
        if key is None:
            raise KeyError
        row = {
            "ref": ref,
            "reviewer": answer.reviewer,
            "is_gold": is_gold,
            "intent": answer.intent,
            "effective": answer.effective,
            "heard": list(answer.heard),
            "false_activation": answer.false_activation,
            "note": sealed(key, answer.transcription.encode(), "note"),
            "settled_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with self._engine.begin() as db:
            db.execute(settled.delete().where(settled.c.ref == ref))
            db.execute(settled.insert().values(**row))

    def answer(self, ref: str) -> dict[str, Any] | None:
        """The answer that holds for a clip under review, with its `transcription`; None while there is none."""
        found = self._rows(sa.select(settled).where(settled.c.ref == ref), settled)
        return found[0] if found else None

    def answers(self) -> Sequence[dict[str, Any]]:
        """Every answer that holds, without what was typed."""
        columns = [settled.c[name] for name in (*_SAID, "is_gold")]
        return self._rows(sa.select(*columns), settled)

    def said(self, refs: Sequence[str] | None = None) -> Sequence[dict[str, Any]]:
        """What each person last said of each clip, without what was typed; of these clips, or of all."""
        newest = sa.select(annotations.c.ref, annotations.c.reviewer, sa.func.max(annotations.c.number).label("number"))
        last = newest.group_by(annotations.c.ref, annotations.c.reviewer).subquery()
        columns = [annotations.c[name] for name in _SAID]
        query = sa.select(*columns).join(
            last, sa.and_(last.c.ref == annotations.c.ref, last.c.number == annotations.c.number)
        )
        if refs is not None:
            query = query.where(annotations.c.ref.in_(refs))
        return self._rows(query, annotations)

    def twice_judged(self, most: int) -> Sequence[str]:
        """Clips that two people or more judged and nobody settled, in the order of their random refs."""
        people = sa.func.count(sa.distinct(annotations.c.reviewer))
        open_ones = sa.not_(sa.exists().where(settled.c.ref == annotations.c.ref))
        query = sa.select(annotations.c.ref).join(clips, clips.c.ref == annotations.c.ref)
        query = query.where(clips.c.withdrawn.is_(None), open_ones).group_by(annotations.c.ref).having(people > 1)
        with self._reading.connect() as db:
            return list(db.execute(query.order_by(annotations.c.ref).limit(most)).scalars())

    def _rows(self, query: sa.Select[Any], table: sa.Table) -> list[dict[str, Any]]:
        query = query.join(clips, clips.c.ref == table.c.ref).where(clips.c.withdrawn.is_(None))
        with self._reading.connect() as db:
            found = [dict(row._mapping) for row in db.execute(query.order_by(table.c.ref))]
        for each in found:
            if "note" in each:
                key, note = self._keys.get(each["ref"]), each.pop("note")
                text = opened(key, note, "note") if key and note else None
                each["transcription"] = text.decode() if text else ""
        return found
