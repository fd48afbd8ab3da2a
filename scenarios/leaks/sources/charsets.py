"""Bytes of text in another character set than UTF-8 -> UTF-8, and which set it was."""

import codecs
import re
import unicodedata

import charset_normalizer

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 32 * 1024
# Windows, DOS, Macintosh and Unix: central and western Europe, Turkey, the Baltic, Cyrillic, Greek, Hebrew, Arabic,
# Thai, Japan, China, Korea. What is in none of them is read as Windows-1252 by the detector itself.
_SETS = (
    "cp1250", "cp1254", "cp1257", "cp850", "mac_roman", "cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256",
    "cp874", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "iso8859_2", "iso8859_5", "iso8859_6", "iso8859_7",
    "cp852", "cp861", "mac_iceland",
)  # fmt: skip
_MOST_SETS, _WORDS_SAMPLE = 12, 2_048
_LETTERS = 0.75  # share of signs that are letters, and of words that are words
_WORD = re.compile(r"[^\W\d_]+")
_WIDE_SIGNS = frozenset(
    "\u3000\u3001\u3002\u300c\u300d\u30fb\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\u2019\u2018\u201c\u201d\u2013"
)
_SCRIPTS = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "FULLWIDTH": "CJK"}
_MARKS_OF_WORDS = frozenset({"MODIFIER", "COMBINING", "FEMININE", "MASCULINE"})
_LEAST = 8  # bytes outside ASCII, or a text of that length, by which a set can be told
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_EBCDIC_TEXT = frozenset([0x40, 0x25, 0x15, *range(0x81, 0x8A), *range(0x91, 0x9A), *range(0xA2, 0xAA),
                          *range(0xC1, 0xCA), *range(0xD1, 0xDA), *range(0xE2, 0xEA), *range(0xF0, 0xFA)])  # fmt: skip
_WIDE = re.compile(rb"(?:[\x20-\x7e\r\n\t]\x00\x00\x00){4}|(?:\x00\x00\x00[\x20-\x7e\r\n\t]){4}")


def charset_of(data: bytes) -> str | None:
    """The name of a text's character set. None for UTF-8, and for what is no text."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE]
    if len(sample) < _LEAST:
        return None
    if _WIDE.search(sample[:256]):
        return "utf-32-le" if sample[:1] != b"\x00" else "utf-32-be"
    if b"\x00" in sample and (wide := _wide(sample)):
        return wide
    if b"\x00" in sample or _is_mostly_utf8(data):
        return None
    if sum(byte in _EBCDIC_TEXT for byte in sample) > 0.85 * len(sample) and sample.count(b"\x40") * 40 > len(sample):
        return "cp500"
    if sample.translate(None, _CONTROL) != sample:
        return None
    best = charset_normalizer.from_bytes(_around(data), cp_exclusion=["utf_8", "ascii"]).best()
    return best.encoding if best else None


def _wide(sample: bytes) -> str | None:
    """Return which UTF-16 a text beyond Latin is in that has no mark. Its spaces, digits and line ends show as zeros.

    Text in Latin letters is left to the decoder, which reads it wherever it stands.
    """
    sample = sample[: min(len(sample), _WORDS_SAMPLE) // 2 * 2]
    for charset, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if not 0 < zeros.count(0) < len(zeros) / 2:
            continue
        try:
            text = sample.decode(charset)
        except UnicodeDecodeError:
            continue
        beyond = [sign for sign in text if not sign.isascii()]
        plain = all(sign.isprintable() or sign in "\r\n\t" for sign in text)
        words = [word for word in _WORD.findall(text) if not word.isascii()]
        letters = sum(sign.isalpha() or sign in _WIDE_SIGNS or unicodedata.combining(sign) > 0 for sign in beyond)
        if plain and letters >= _LETTERS * len(beyond) and sum(map(_is_word, words)) >= _LETTERS * len(words) > 0:
            return charset
    return None


def others_of(data: bytes, first: str | None) -> tuple[str, ...]:
    """Return the sets besides the `first` in which a text that is no UTF-8 reads as words, too.

    A short text in one set is words in several: nobody can tell which was meant, so all are read.
    """
    if b"\x00" in data or data.isascii() or data.translate(None, _CONTROL) != data or _is_mostly_utf8(data):
        return ()
    sample = beyond_ascii(data[:_SAMPLE])[:_WORDS_SAMPLE].rpartition(b"\n")[0] or beyond_ascii(data)[:_WORDS_SAMPLE]
    return tuple(charset for charset in _SETS if charset != first and _reads(sample, charset))[:_MOST_SETS]


def beyond_ascii(data: bytes) -> bytes:
    """Return the lines that hold anything but ASCII: the others are the same in every set."""
    return b"\n".join(line for line in data.split(b"\n") if not line.isascii())


def _reads(sample: bytes, charset: str) -> bool:
    """Whether nearly all of its signs beyond ASCII are letters, in words of one script and of a usual case."""
    try:
        text = sample.decode(charset)
    except UnicodeDecodeError:
        return False
    beyond = [sign for sign in text if not sign.isascii()]
    if sum(sign.isalpha() or sign in _WIDE_SIGNS for sign in beyond) < _LETTERS * len(beyond):
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return bool(words) and sum(map(_is_word, words)) >= _LETTERS * len(words)


def _is_word(word: str) -> bool:
    scripts = {_SCRIPTS.get(script, script) for script in (unicodedata.name(c, "?").partition(" ")[0] for c in word)}
    usual = word.islower() or word.isupper() or word[1:].islower() or word.lower() == word.upper()
    return len(scripts - _MARKS_OF_WORDS) == 1 and (usual or len(word) == 1)


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether it is UTF-8, but for a few damaged bytes at most. The detector itself reads around those."""
    try:
        data.decode()
    except UnicodeDecodeError:
        wrong = data.decode("utf-8", "replace").count("�")
        return wrong * 20 < len(data) - len(data.translate(None, bytes(range(128, 256))))
    return True


def _around(data: bytes) -> bytes:
    """A sample of the bytes that holds characters beyond ASCII."""
    first = next((at for at in range(0, len(data), 4096) if not data[at : at + 4096].isascii()), 0)
    return data[max(first - 1024, 0) : first + _SAMPLE]


def to_utf8(data: bytes, charset: str) -> bytes:
    """The text as UTF-8. A mark stands where something could not be read."""
    return data.decode(charset, "replace").encode("utf-8", "replace")
