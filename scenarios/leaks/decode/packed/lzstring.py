"""Decompresses LZString (pieroxy): its base64 and URI-safe tokens, its bytes and its UTF-16 text."""

_BASE64 = {s: at for at, s in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_URI = {s: at for at, s in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-$")}
_SHORTEST = 6  # characters
_MOST = 1_000_000  # characters that come out
_CHAR_8, _CHAR_16, _END = 0, 1, 2


def from_token(token: bytes) -> str:
    """Decompress the output of compressToBase64 or compressToEncodedURIComponent. Return an empty text for anything
    else.
    """
    values = _URI if b"-" in token or b"$" in token else _BASE64
    number = 0
    bare = token.strip(b"=")
    if len(bare) > 20_000:
        return ""
    for symbol in bare:
        value = values.get(symbol)
        if value is None:
            return ""
        number = number << 6 | value
    return _expanded(number, 6 * len(bare))


def from_bytes(data: bytes) -> str:
    """Decompress the output of compressToUint8Array."""
    return _expanded(int.from_bytes(data, "big"), 8 * len(data)) if len(data) <= 20_000 else ""


def from_utf16(text: str) -> str:
    """Decompress the output of compressToUTF16: fifteen bits a character, counted from the space."""
    number = 0
    for char in text.rstrip(" "):
        code = ord(char) - 32
        if not 0 <= code < 1 << 15 or len(text) > 20_000:
            return ""
        number = number << 15 | code
    return _expanded(number, 15 * len(text.rstrip(" ")))


class _Bits:
    """The bits of a number, most significant first. Codes are stored with their least significant bit first."""

    def __init__(self, number: int, size: int) -> None:
        self._text, self.at = f"{number:0{size}b}" if size else "", 0

    def take(self, count: int) -> int:
        """Return the next code of `count` bits, or -1 when fewer are left."""
        piece = self._text[self.at : self.at + count]
        self.at += count
        return int(piece[::-1], 2) if len(piece) == count else -1


def _expanded(number: int, size: int) -> str:
    """Decompress as published: the dictionary grows by one entry a step, and codes become longer with it."""
    bits = _Bits(number, size)
    first = bits.take(2)
    char = _char(bits, first)
    if not char:
        return ""
    known: dict[int, str] = {3: char}
    out, word, width, room, total = [char], char, 3, 4, 1
    while total < _MOST:
        code = bits.take(width)
        if code == _END:
            text = "".join(out)
            return text if len(text) >= _SHORTEST else ""
        if code in (_CHAR_8, _CHAR_16):
            char = _char(bits, code)
            if not char:
                return ""
            code = len(known) + 3
            known[code] = char
            room -= 1
            if not room:
                room, width = 1 << width, width + 1
        if code in known:
            entry = known[code]
        elif code == len(known) + 3:
            entry = word + word[0]
        else:
            return ""
        out.append(entry)
        total += len(entry)
        known[len(known) + 3] = word + entry[0]
        word = entry
        room -= 1
        if not room:
            room, width = 1 << width, width + 1
    return "".join(out)


def _char(bits: _Bits, kind: int) -> str:
    """Return one new character, or an empty text for a control character."""
    code = bits.take(8) if kind == _CHAR_8 else bits.take(16) if kind == _CHAR_16 else -1
    return chr(code) if code in (9, 10, 13) or 32 <= code < 127 or 160 <= code < 0xD800 else ""
