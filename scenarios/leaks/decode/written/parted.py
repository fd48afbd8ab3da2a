"""Joins log lines that a container's runtime cut at its limit: a "P" for partial, and Docker's text without its end."""

import re
from collections.abc import Iterator

from scenarios.leaks.decode.packed.marks import Found

_LINE = re.compile(rb"^\S{10,40} (?:stdout|stderr) ([PF]) ([^\r\n]*)", re.MULTILINE)  # Kubernetes CRI
_DOCKER = re.compile(rb'"log": ?"((?:[^"\\]|\\.)*)"')  # its lines end in the line's own end, its parts do not
_END = b"\\n"
_AROUND = 200  # bytes kept of either line
_MOST = 64 * 1024  # bytes of one text


def parted(data: bytes) -> Found:
    """Yield each text that goes on over several lines."""
    texts, held = [], b""
    for is_part, text in _lines(data):
        if is_part:
            held = (held + text)[:_MOST]
        elif held:
            texts.append(held + text[:_AROUND])
            held = b""
    if texts:
        yield "continued", b"\n;\n".join(texts)


def _lines(data: bytes) -> Iterator[tuple[bool, bytes]]:
    """Yield whether a line goes on in the next one, and its text."""
    for match in _LINE.finditer(data):
        yield match[1] == b"P", match[2]
    texts = _DOCKER.findall(data)
    if any(text.endswith(_END) for text in texts):
        for text in texts:
            yield not text.endswith(_END), text.removesuffix(_END)
