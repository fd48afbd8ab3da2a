"""A fetched page -> the addresses it names, for a scan that follows links.

HTML, the Link header (RFC 8288), and links in JSON as HAL, JSON:API and the usual paginations write them.
"""

import json
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx

_LINKING = {"href", "src", "data"}  # no form actions: asking there may do something
# Keys of JSON whose text is an address, where it is written like one.
_KEYS = {"self", "next", "prev", "previous", "first", "last", "location", "links", "_links", "related"}
_ENDINGS = ("url", "urls", "uri", "href", "src", "link")
_BEGINNINGS = ("/", "./", "../", "?", "http://", "https://")


def links_in(response: httpx.Response, body: bytes) -> Iterator[httpx.URL]:
    """Addresses in the Location and Link headers and in an HTML or JSON body, absolute and without fragment."""
    named = [response.headers[key] for key in ("location", "content-location") if key in response.headers]
    named += [link["url"] for link in response.links.values() if "url" in link]
    kind = response.headers.get("content-type", "")
    if "html" in kind:
        reader = _Links()
        reader.feed(body.decode("utf-8", "replace"))
        named += reader.found
    elif "json" in kind:
        named += _in_json(body)
    for link in named:
        try:
            address = response.url.join(link).copy_with(fragment=None)
        except (httpx.InvalidURL, ValueError):
            continue
        if address.scheme in ("http", "https"):
            yield address


def _in_json(body: bytes) -> list[str]:
    """Texts under a key that means a link, in the order in which they stand. Other texts are no links: a path may be
    anything."""
    try:
        waiting = [(False, json.loads(body))]
    except (ValueError, RecursionError):
        return []
    found = []
    while waiting:
        links, value = waiting.pop()
        if isinstance(value, dict):
            waiting += reversed([(links or _means_a_link(key), inside) for key, inside in value.items()])
        elif isinstance(value, list):
            waiting += reversed([(links, inside) for inside in value])
        elif links and isinstance(value, str) and value.startswith(_BEGINNINGS):
            found.append(value)
    return found


def _means_a_link(key: str) -> bool:
    return key.lower() in _KEYS or key.lower().endswith(_ENDINGS)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.found += [value for key, value in attrs if key in _LINKING and value]
