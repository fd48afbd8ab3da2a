"""Recorded packets (pcap, pcapng) -> what each side said in each connection, put together in order."""

from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_MOST = 512 * 1024 * 1024  # bytes of all connections together
_MARKS = (
    b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a",
)  # fmt: skip


class _Side:
    """What one side of a connection sent, by sequence number. Bytes that were sent again count once."""

    def __init__(self, base: int) -> None:
        self._base = base
        self._parts: dict[int, bytes] = {}

    def add(self, sequence: int, data: bytes) -> None:
        at = (sequence - self._base) & 0xFFFFFFFF
        if at > 0x7FFFFFFF:  # what came before the first that was seen
            self._base = sequence
            self._parts = {key + 2**32 - at: value for key, value in self._parts.items()}
            at = 0
        if len(data) > len(self._parts.get(at, b"")):
            self._parts[at] = data

    def joined(self) -> tuple[bytes, bool]:
        """All bytes in their order, and whether some are missing."""
        out, first, gap = bytearray(), None, False
        for at in sorted(self._parts):
            first = at if first is None else first
            place = at - first
            if place > len(out):
                gap = True
                out += b"\n"
                first -= len(out) - place
                place = len(out)
            out += self._parts[at][max(len(out) - place, 0) :]
        return bytes(out), gap


def _read(content: Content) -> Found:
    import dpkt

    sides: dict[tuple[Any, ...], _Side] = {}
    room, cut, strange = _MOST, False, False
    with content.open() as file:
        reader = dpkt.pcap.UniversalReader(file)
        link = reader.datalink()
        for _, frame in reader:
            ip = _ip(frame, link)
            if ip is None:
                strange = True
                yield Piece(data=bytes(frame), final=True)
                continue
            cut = cut or getattr(ip, "len", 0) > len(frame)
            inner = ip.data
            if isinstance(inner, dpkt.tcp.TCP):
                data = bytes(inner.data)
                if data and room > 0:
                    key = (ip.src, inner.sport, ip.dst, inner.dport)
                    sides.setdefault(key, _Side(inner.seq)).add(inner.seq, data)
                    room -= len(data)
            else:
                data = bytes(inner.data) if hasattr(inner, "data") and not isinstance(inner, bytes) else bytes(inner)
                yield Piece(data=data, label="datagram")
    for side in sides.values():
        data, gap = side.joined()
        cut = cut or gap
        yield Piece(data=data, label="connection")
    if cut:
        yield Unread(kind="pcap", name="", why="damaged", detail="some packets are missing or cut; read what there is")
    if strange:
        yield Unread(
            kind="pcap", name="", why="unknown container", detail="some packets are no IP; searched as raw bytes"
        )
    if room <= 0:
        yield Unread(kind="pcap", name="", why="over bounds", detail=f"more than {_MOST:,} bytes of connections")


def _ip(frame: bytes, link: int) -> Any:
    import dpkt

    kinds = {1: dpkt.ethernet.Ethernet, 113: dpkt.sll.SLL, 276: dpkt.sll2.SLL2, 0: dpkt.loopback.Loopback}
    try:
        if link in (12, 14, 101, 228, 229):
            ip = dpkt.ip6.IP6(frame) if frame[0] >> 4 == 6 else dpkt.ip.IP(frame)
        else:
            ip = kinds[link](frame).data
    except (KeyError, IndexError, dpkt.UnpackError):
        return None
    return ip if isinstance(ip, dpkt.ip.IP | dpkt.ip6.IP6) else None


PCAP = Reader(kind="pcap", knows=begins(*_MARKS), read=_read, needs=("dpkt",), raw=False)
