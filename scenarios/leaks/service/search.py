"""Searches one exchange at a time. Gives its findings, its line for the spool, and adds it to the totals."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from scenarios.leaks.controls import LABEL
from scenarios.leaks.detector import Haystack, LeakDetector, Part, Searched
from scenarios.leaks.service.routes import route_of
from scenarios.leaks.service.totals import SearchTotals
from scenarios.verdict import Finding

_REMEMBERED = 16_384  # parts and names that are remembered
_ENCODINGS = frozenset({"", "identity", "none", "gzip", "x-gzip", "deflate", "br", "zstd"})
_HEAD_KINDS = {"status_line": "status_line", "header": "response_header"}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`line` is for the spool: route, status, lengths and findings, never a body."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    bytes: int
    line: dict[str, Any]


class ExchangeSearch:
    """Searches exchanges with one detector and keeps totals. Not thread-safe.

    A body, header or address that came before under the same route is not searched again. Its findings count again.
    """

    def __init__(self, detector: LeakDetector, *, role: str = "reviewer") -> None:
        self.totals = SearchTotals()
        self._detector, self._role = detector, role
        self._before: OrderedDict[tuple[str, str, bytes], Searched] = OrderedDict()
        self._shown = lru_cache(_REMEMBERED)(self._masked)
        self._route = lru_cache(_REMEMBERED)(lambda name: route_of(name, detector))

    def search(self, head: Mapping[str, Any], bodies: Sequence[tuple[str, bytes]]) -> Result | None:
        """Search one exchange, as `earlid.protocol` describes it. None for a control without an answer."""
        self.totals.received += 1
        control = head.get("control") or {}
        context = head.get("context") or {}
        role = str(context.get("role") or self._role)
        route = str(control.get("path", "")) if control else self._route(str(head.get("name", "")))
        method = self._shown(head.get("method", ""))
        place = f"control {method} {route}" if control else f"{self._shown(role)} {method} {route}"
        status = int(head.get("status") or 0)
        if not status:
            self.totals.unanswered += not control
            line = {"kind": "unanswered", "method": method, "route": route, "ms": float(head.get("ms") or 0)}
            if head.get("unsearched"):
                self.totals.count(self.totals.unsearched, f"{place}: {self._shown(head['unsearched'])}")
            return None if control else Result(findings=(), notes=(), bytes=0, line=line)
        searched = self._searched(place, head, bodies)
        if control:
            return self._control(control, searched)
        return self._response(method, route, place, head, bodies, searched)

    def _searched(self, place: str, head: Mapping[str, Any], bodies: Sequence[tuple[str, bytes]]) -> Searched:
        """The findings of an exchange. Parts with the same name and bytes as before are not searched again."""
        groups: dict[tuple[str, str], list[Part]] = {}
        for part in (
            *self._head_parts(place, head),
            *(Part(kind=kind, name=place, data=data) for kind, data in bodies),
        ):
            groups.setdefault((part.kind, part.name), []).append(part)
        keys = {name: (*name, _digest(parts)) for name, parts in groups.items()}
        fresh = [name for name, key in keys.items() if key not in self._before]
        self.totals.repeated += not any(kind.endswith("body") for kind, _name in fresh)
        searched = self._detector.search(Haystack(parts=tuple(part for name in fresh for part in groups[name])))
        for kind, name in fresh:
            self._before[keys[kind, name]] = Searched(
                findings=tuple(f for f in searched.findings if (f.where.kind, f.where.name) == (kind, name)),
                notes=tuple(note for note in searched.notes if note.startswith(f"{kind} {name}:")),
                bytes=sum(len(part.data) for part in groups[kind, name]),
            )
        found = [self._before[key] for key in keys.values()]
        for key in keys.values():
            self._before.move_to_end(key)
        while len(self._before) > _REMEMBERED:
            self._before.popitem(last=False)
        return Searched(
            findings=tuple(finding for one in found for finding in one.findings),
            notes=tuple(note for one in found for note in one.notes),
            bytes=sum(one.bytes for one in found),
        )

    def _head_parts(self, place: str, head: Mapping[str, Any]) -> Iterator[Part]:
        for url in head.get("urls") or ():
            yield Part(kind="url", name=place, data=_bytes(str(url)))
        for kind, text in head.get("head") or ():
            name = place
            if kind == "header":
                name = f"{place} [{self._shown(str(text).partition(':')[0].lower())}]"
            yield Part(kind=_HEAD_KINDS.get(kind, "response_header"), name=name, data=_bytes(str(text)))

    def _response(
        self,
        method: str,
        route: str,
        place: str,
        head: Mapping[str, Any],
        bodies: Sequence[tuple[str, bytes]],
        searched: Searched,
    ) -> Result:
        context = head.get("context") or {}
        findings = self._allowed(searched.findings, context)
        why = self._shown(head.get("unsearched") or "") or _why(searched.notes, place)
        why = why or self._shown(_unread(head, bodies))
        self.totals.responses += not head.get("part")
        self.totals.bytes += searched.bytes
        if why:
            self.totals.count(self.totals.unsearched, f"{place}: {why}")
        another = " (another person's, not of who asked)" if "may_see" in context else ""
        for finding in findings:
            key = f"{finding.field} in {finding.where.kind} of {finding.where.name}{another}"
            self.totals.count(self.totals.findings, key)
        line: dict[str, Any] = {
            "kind": "piece" if head.get("part") else "response",
            "method": method,
            "route": route,
            "role": self._shown(context.get("role") or self._role),
            "status": int(head["status"]),
            "bytes": searched.bytes,
            "ms": float(head.get("ms") or 0),
            **{name: self._shown(context[name]) for name in ("clip_ref", "person") if name in context},
            **({"not_searched": why} if why else {}),
            "findings": [_plain(finding) for finding in findings],
        }
        return Result(findings=findings, notes=(why,) if why else (), bytes=searched.bytes, line=line)

    def _allowed(self, findings: Sequence[Finding], context: Mapping[str, Any]) -> tuple[Finding, ...]:
        may_see = frozenset(map(str, context.get("may_see") or ()))
        kept = tuple(finding for finding in findings if finding.household_id not in may_see)
        self.totals.own += len(findings) - len(kept)
        return kept

    def _control(self, control: Mapping[str, Any], searched: Searched) -> Result:
        wanted = str(control.get("field"))
        how = next((f.how for f in searched.findings if f.household_id == LABEL and f.field == wanted), None)
        name = str(control.get("name"))
        self.totals.planted += 1
        self.totals.found += how is not None
        if how is None and name not in self.totals.missed:
            self.totals.missed.append(name)
        line: dict[str, Any] = {
            "kind": "control",
            "name": name,
            "via": control.get("via"),
            "found": how is not None,
            "how": how or [],
        }
        return Result(findings=(), notes=(), bytes=searched.bytes, line=line)

    def _masked(self, text: object) -> str:
        return self._detector.masked(str(text)) if text else ""


def _unread(head: Mapping[str, Any], bodies: Sequence[tuple[str, bytes]]) -> str:
    """Why a body is not known to have been read: it comes in an encoding of which the search knows nothing.

    Clients take off what they know and leave anything else as it is. Text is what it says, whatever a header calls it.
    """
    names: list[str] = []
    for kind, text in reversed(head.get("head") or ()):
        if kind == "status_line":
            break  # what stands before it is about redirects
        name, _, value = str(text).partition(":")
        if name.lower() == "content-encoding":
            names += [part.strip().lower() for part in value.split(",")]
    unknown = [name for name in names if name not in _ENCODINGS]
    if not unknown or all(_is_text(data) for kind, data in bodies if kind == "response_body"):
        return ""
    return f"content-encoding {unknown[0][:20]}"


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _digest(parts: Iterable[Part]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part.data).to_bytes(8) + part.data)
    return digest.digest()


def _why(notes: Sequence[str], place: str) -> str:
    return "; ".join(note.replace(f" {place}", "") for note in notes)


def _bytes(text: str) -> bytes:
    """The bytes of header text: Latin-1 where it fits, UTF-8 otherwise."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _plain(finding: Finding) -> dict[str, Any]:
    return {**msgspec.to_builtins(finding), "fingerprint": finding.fingerprint}
