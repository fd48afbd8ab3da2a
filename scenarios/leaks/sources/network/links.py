"""A fetched page -> the addresses it names, for a scan that follows links."""

from collections.abc import Iterator
from html.parser import HTMLParser

import httpx

_LINKING = {"href", "src", "data"}  # no form actions: asking there may do something


def links_in(response: httpx.Response, body: bytes) -> Iterator[httpx.URL]:
    """Addresses in the Location header and in an HTML body, absolute and without fragment."""
    named = [response.headers[key] for key in ("location", "content-location") if key in response.headers]
    if "html" in response.headers.get("content-type", ""):
        reader = _Links()
        reader.feed(body.decode("utf-8", "replace"))
        named += reader.found
    for link in named:
        try:
            address = response.url.join(link).copy_with(fragment=None)
        except (httpx.InvalidURL, ValueError):
            continue
        if address.scheme in ("http", "https"):
            yield address


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.found += [value for key, value in attrs if key in _LINKING and value]
