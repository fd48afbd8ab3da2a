"""Keeps a packed body of FastHttpUser as it came, where that client cannot unpack it or leaves a part of it.

The client raises for an encoding that it does not know, also for an answer without a body, and for a body that is
not packed as its header says. Of several gzip members it unpacks the first.
"""

import functools
from typing import Any, NamedTuple

RAW = "_earlid_raw"  # of an answer: `Raw`
_LOST = "_earlid_lost"  # of an error: the answer that it is about
_SIZE = 4  # bytes at the end of a gzip member: how long it was


class Raw(NamedTuple):
    """`why` says why it may not be all that was sent. Empty: the search can open it by itself, if anything can."""

    body: bytes
    why: str


def keeping_raw(content: Any) -> Any:
    """Wrap the method of FastHttpUser's answers that reads and unpacks a body."""

    @functools.wraps(content)
    def kept(self: Any) -> Any:
        encoding = str(self.headers.get("content-encoding") or "")
        if not encoding:
            return content(self)
        raw = self._response.read()
        self._response._body_buffer += raw  # to be read again
        try:
            body = content(self)
        except Exception as error:
            is_unknown = isinstance(error, ValueError)  # an encoding, about which the search decides
            self.__dict__[RAW] = Raw(raw, "" if is_unknown or not raw else type(error).__name__)
            setattr(error, _LOST, self)
            raise
        if encoding.lower() == "gzip" and int.from_bytes(raw[-_SIZE:], "little") != len(body) & 0xFFFFFFFF:
            self.__dict__[RAW] = Raw(raw, "")
        return body

    return kept


def lost_answer(error: BaseException) -> Any:
    """The answer that could not be unpacked, or None: the error is about something else."""
    return getattr(error, _LOST, None)
