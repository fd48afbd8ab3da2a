"""The statements of the queue, each built once: SQLAlchemy takes longer to build one than a database to answer it.

A value of a statement is given as `its_<name>`: `who` is a reviewer, `now` a wall time in seconds, `day` an ISO date.
"""

import sqlalchemy as sa

from gateway.storage.database import its
from gateway.storage.queue.drafts import HAS_DRAFT
from gateway.storage.tables import claims, clips, handled, waiting

_WHO, _REF, _NOW, _TURN, _DAY = its("who"), its("ref"), its("now"), its("turn"), its("day")
LEASES = sa.select(claims).where(claims.c.reviewer == _WHO, claims.c.until > _NOW)
LEASES = LEASES.order_by(claims.c.until.desc(), claims.c.ref)
_HELD = sa.and_(claims.c.ref == _REF, claims.c.reviewer == _WHO)
LEASE = sa.select(claims).where(_HELD, claims.c.until > _NOW)
HAD = sa.select(sa.func.count()).select_from(handled).where(handled.c.reviewer == _WHO, handled.c.on_day == _DAY)
_TAKEN = sa.exists().where(claims.c.ref == waiting.c.ref, claims.c.until > _NOW)
_KNOWN = sa.exists().where(handled.c.ref == waiting.c.ref, handled.c.reviewer == _WHO)
_FREE = sa.select(waiting.c.ref).where(sa.not_(_TAKEN), sa.not_(_KNOWN)).order_by(waiting.c.turn).limit(1)
FREE_FROM, FREE_BEFORE = _FREE.where(waiting.c.turn >= _TURN), _FREE.where(waiting.c.turn < _TURN)
_LAPSED = sa.and_(claims.c.ref == _REF, claims.c.until <= _NOW)
GIVE_BACK = claims.delete().where(sa.or_(_LAPSED, sa.and_(claims.c.reviewer == _WHO, claims.c.done)))
CLAIM = claims.insert()
HEAR = claims.update().where(_HELD, claims.c.heard == sa.false()).values(heard=True)
DONE = claims.update().where(_HELD).values(done=True)
DONE_IN_TIME = DONE.where(claims.c.until > _NOW, claims.c.heard == sa.true()).returning(HAS_DRAFT)
_HANDLED = sa.and_(handled.c.ref == _REF, handled.c.reviewer == _WHO)
HANDLE = (
    handled.insert()
    .from_select(
        ["ref", "reviewer", "how", "on_day"],
        sa.select(_REF, _WHO, its("how"), _DAY).where(~sa.exists().where(_HANDLED)),
    )
    .returning(handled.c.ref)
)
LAST_ONE = waiting.delete().where(waiting.c.ref == _REF, waiting.c.wanted <= 1)
ONE_LESS = waiting.update().where(waiting.c.ref == _REF).values(wanted=waiting.c.wanted - 1)
ONE_LESS = ONE_LESS.returning(waiting.c.wanted)
ENOUGH = waiting.delete().where(waiting.c.ref == _REF, waiting.c.wanted <= 0)
PUBLISHED = sa.select(clips.c.published).where(clips.c.ref == _REF, clips.c.withdrawn.is_(None))
