"""Reads a list of clips over HTTP, page by page, and each clip's own address and sound if it has them.

Only the declared hosts are asked. Redirects are not followed. Answers are bounded.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from scenarios.kept.read import client
from scenarios.kept.read.client import Client, host_of
from scenarios.kept.read.clip import Found, Unreadable
from scenarios.kept.read.paths import at, text_at
from scenarios.model.targets.kept import KeptHttp

MOST_PAGES = 10_000


class Reader:
    """Reads the pages of a list, and the addresses that each item names."""

    def __init__(self, kept: KeptHttp, beside: Path) -> None:
        self._kept = kept
        self._client = Client({host_of(kept.list), *kept.hosts}, kept.login, beside)

    def close(self) -> None:
        self._client.close()

    def records(self) -> Iterator[Found | str]:
        """Every item of every page.

        Raises:
            Unreadable: the answer is no list. The message holds the status.
        """
        address: str | None = self._kept.list
        seen: set[str] = set()
        while address is not None:
            if address in seen or len(seen) >= MOST_PAGES:
                yield "the list's pages lead in a circle, or there are too many"
                return
            seen.add(address)
            page = self._json(address, "the list of clips")
            items = page if self._kept.items is None else at(page, self._kept.items)
            if not isinstance(items, list):
                raise Unreadable("the list of clips: there is no list where kept.items says")
            for item in items:
                yield self._whole(item)
            following = text_at(page, self._kept.next)
            address = str(httpx.URL(address).join(following)) if following else None

    def _whole(self, item: Any) -> Found | str:
        kept, name = self._kept, None
        if isinstance(item, str | int):
            item = {"id": str(item)}
        name = text_at(item, kept.id)
        trouble, raw = None, None
        if kept.each is not None:
            if name is None:
                return "an item of the list has no id"
            answer = self._client.get(_filled(kept.each, name))
            if isinstance(answer, str) or answer.status != 200:
                return f"a clip's own address: {answer if isinstance(answer, str) else f'answered {answer.status}'}"
            raw = answer.body
            try:
                item = {**(item if isinstance(item, dict) else {}), **json.loads(raw)}
            except (ValueError, TypeError, RecursionError):
                return "a clip's own address answers no JSON record"
        audio, trouble = self._sound(item, name)
        return Found(data=item, raw=raw, audio=audio, trouble=trouble)

    def _sound(self, item: Any, name: str | None) -> tuple[bytes | None, str | None]:
        how = self._kept.audio
        if how is None or (how.url is None and how.template is None):
            return None, None
        if how.template is not None:
            address = _filled(how.template, name) if name else None
        else:
            said = text_at(item, how.url)
            address = str(httpx.URL(self._kept.list).join(said)) if said else None
        if address is None:
            return None, "a record names no address of its sound"
        answer = self._client.get(address)
        if isinstance(answer, str):
            return None, f"a sound's address: {answer}"
        if answer.status != 200 or not answer.whole:
            return None, f"a sound's address answered {answer.status}" + ("" if answer.whole else ", without an end")
        return answer.body, None

    def _json(self, address: str, what: str) -> Any:
        answer = self._client.get(address)
        if isinstance(answer, str):
            raise Unreadable(f"{what}: {answer}")
        if answer.status != 200:
            raise Unreadable(f"{what}: answered {answer.status}")
        if not answer.whole:
            raise Unreadable(f"{what}: has no end within {client.MOST_BYTES} bytes")
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise Unreadable(f"{what}: answered no JSON") from None


def records_at(kept: KeptHttp, beside: Path) -> Iterator[Found | str]:
    """Read all records of a declared list. Raises BadFile if a credential is missing, and Unreadable if the server does
    not answer as declared."""
    reader = Reader(kept, beside)
    try:
        yield from reader.records()
    finally:
        reader.close()


def _filled(template: str, name: str) -> str:
    return template.replace("{id}", quote(name, safe=""))
