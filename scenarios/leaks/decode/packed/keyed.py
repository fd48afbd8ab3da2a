"""Takes a key of one byte off a text."""

_CODE_SIZE = 7  # bytes
_KEYS, _FEW_KEYS = 128, 8
_KEY_SAMPLE, _KEY_MOST = 64, 65_536  # bytes
_FEWEST_BYTES = 4  # different ones; anything could be made of fewer
_KEYED = tuple(bytes(code ^ key for code in range(256)) for key in range(256))
_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum() and code != 32)
_LETTERS = bytes([9, 10, 13, *range(32, 127)])


def one_byte_key(data: bytes) -> list[bytes]:
    """Return the texts that XOR with one byte can give. All bytes of such data share their highest bit, which is the
    key's.

    Several keys can give something readable out of a few bytes. Up to 128 texts come back for short data, 8 for longer
    data, the most word-like first.
    """
    sample = data[:_KEY_SAMPLE]
    if len(data) < 10 or len(data) > _KEY_MOST:
        return []
    if len(set(sample)) < _FEWEST_BYTES:
        return _bits(data, sample)
    if max(sample) >= 0x80 and min(sample) < 0x80:
        return []
    top, found = sample[0] & 0x80, {}
    for key in range(top, top + 0x80):
        text = sample.translate(_KEYED[key])
        if key and not text.translate(None, _LETTERS):
            # Codes of one kind, one after the other, are full of one sign.
            codes = max(map(text.count, (b"%", b"\\", b"&", b"="))) * _CODE_SIZE > len(text)
            found[key] = len(text.translate(None, _SIGNS)) + len(text) * codes
    best = sorted(found, key=lambda key: -found[key])[: _KEYS if len(data) <= _KEY_SAMPLE else _FEW_KEYS]
    return [data.translate(_KEYED[key]) for key in best]


def _bits(data: bytes, sample: bytes) -> list[bytes]:
    """Return the text if it is bits, which are three signs: two that differ by one as "0" and "1" do, and a space."""
    for key in {code ^ ord(" ") for code in sample}:
        if key and {code ^ key for code in sample} == {*b"01 "}:
            return [data.translate(_KEYED[key])]
    return []
