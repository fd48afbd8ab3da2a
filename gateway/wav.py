"""WAV over MQTT: the bytes of one message in, PCM out. One message is one file, whatever its header says."""

import struct

RATE_HZ = 16_000
SAMPLE_BYTES = 2
MAX_FRAME_BYTES = 64 * 1024

ORDER_CHUNK = b"erld"  # rides after `data`, where players and other gateways skip it
ORDER = struct.Struct("<BxxxIq")  # version, sequence number, at_ms

_PCM, _EXTENSIBLE = 1, 0xFFFE
_PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")  # KSDATAFORMAT_SUBTYPE_PCM


class WireError(ValueError):
    """A message that does not have its topic's format. The text names the fault, never the content."""


def encode_wav(pcm: bytes, extra: bytes = b"") -> bytes:
    """A WAV file of 16 kHz 16-bit mono `pcm`: format, data, and `extra` raw chunks, nothing else."""
    data = struct.pack("<4sI", b"data", len(pcm)) + pcm
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE_HZ, RATE_HZ * SAMPLE_BYTES, SAMPLE_BYTES, 16)
    body = b"WAVE" + form + data + extra
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def decode_wav(payload: bytes) -> tuple[bytes, bytes | None]:
    """(PCM, the order chunk if there is one) of 16 kHz 16-bit mono PCM; any chunk order, any length.

    A writer that streams puts a data size of 0, or one that no message can hold. Then the message's end ends the audio.

    Raises:
        WireError: truncated, another format, no data, half a sample, or over MAX_FRAME_BYTES.
    """
    if len(payload) > MAX_FRAME_BYTES:
        raise WireError(f"frame: over {MAX_FRAME_BYTES} bytes")
    if len(payload) < 12 or payload[:4] != b"RIFF" or payload[8:12] != b"WAVE":
        raise WireError("frame: not a RIFF WAVE file")
    chunks = _chunks(payload, 12)
    if b"fmt " not in chunks or b"data" not in chunks:
        raise WireError("frame: no format or no data")
    if not _is_ours(chunks[b"fmt "]):
        raise WireError("frame: not 16 kHz 16-bit mono PCM")
    if len(chunks[b"data"]) % SAMPLE_BYTES:
        raise WireError("frame: half a sample")
    return chunks[b"data"], chunks.get(ORDER_CHUNK)


def _is_ours(form: bytes) -> bool:
    """WAVEFORMATEX or WAVEFORMATEXTENSIBLE of 16 kHz 16-bit mono PCM. The byte rate follows from the rest."""
    if len(form) < 16:
        return False
    tag, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", form)
    if (channels, rate, block, bits) != (1, RATE_HZ, SAMPLE_BYTES, 16):
        return False
    if tag != _EXTENSIBLE:
        return bool(tag == _PCM)
    return len(form) >= 40 and form[24:40] == _PCM_GUID and struct.unpack_from("<H", form, 18)[0] in (0, 16)


def _chunks(payload: bytes, at: int) -> dict[bytes, bytes]:
    """Every chunk from `at` on, the first of each name."""
    found: dict[bytes, bytes] = {}
    while at + 8 <= len(payload):
        name, size = struct.unpack_from("<4sI", payload, at)
        at += 8
        if name == b"data" and b"data" not in found and _is_streamed(payload, at, size):
            for late, body in _to_the_end(payload[at:]).items():
                found.setdefault(late, body)
            return found
        if at + size > len(payload):
            raise WireError("frame: truncated")
        found.setdefault(name, payload[at : at + size])
        at += size
        if size & 1 and not _is_name(payload[at : at + 4]):  # some writers leave the padding out
            at += 1
    if at < len(payload):
        raise WireError("frame: truncated")  # else a frame that lost its order chunk's end would pass for unnumbered
    return found


def _is_streamed(payload: bytes, at: int, size: int) -> bool:
    """Whether the writer of the header did not know the length yet."""
    if size or at == len(payload):
        return size > MAX_FRAME_BYTES
    while at + 8 <= len(payload) and _is_name(payload[at : at + 4]):
        (size,) = struct.unpack_from("<I", payload, at + 4)
        at += 8 + size + (size & 1)
    return at < len(payload) or at > len(payload) + 1  # else no audio came, and other chunks stand in its place


def _to_the_end(rest: bytes) -> dict[bytes, bytes]:
    """The audio behind a streamed header: everything that came, without an order chunk at its end."""
    order = struct.pack("<4sI", ORDER_CHUNK, ORDER.size)
    at = len(rest) - len(order) - ORDER.size
    if at >= 0 and rest[at : at + len(order)] == order:
        return {b"data": rest[:at], ORDER_CHUNK: rest[at + len(order) :]}
    return {b"data": rest}


def _is_name(name: bytes) -> bool:
    """Whether these four bytes can be a chunk's name."""
    return len(name) == 4 and all(32 <= byte < 127 for byte in name)
