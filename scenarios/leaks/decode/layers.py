"""Takes encodings off bytes in any order, down to a depth and within bounds. The result is a list of readable layers.

A layer remembers the steps that led to it. When a bound is met, the result says which.
"""

import time

import msgspec

from scenarios.leaks.decode.containers import Found, in_bytes, readable
from scenarios.leaks.decode.encodings import SHORT, in_text
from scenarios.leaks.decode.kernels.loading import prepare
from scenarios.leaks.decode.packed.marks import is_binary
from scenarios.leaks.decode.signals import signals
from scenarios.leaks.decode.written.blocks import is_block


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds for one part. `bytes_out` counts the bytes of all layers together, `inflated` those of one decompression.

    They hold for a part of up to a megabyte. A larger part has more layers, bytes and seconds, in proportion to its
    size. `seconds` are processor time of this thread, so that a busy machine cuts nothing off.
    """

    depth: int = 6
    layers: int = 2_000
    bytes_out: int = 32 * 1024 * 1024
    inflated: int = 8 * 1024 * 1024
    seconds: float = 5.0


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One readable layer. `text` is what can be read in `data`. `how` lists the steps from the outside in; it is empty
    for the part itself.

    `marks` name the decoders that could find something in it. `noise` says that the text is readable runs of something
    binary, or was made from such runs. `settled` says that the text was turned as a whole, and hardly changed since: to
    turn it again would give what was read before.
    """

    data: bytes
    text: str
    noise: bool
    how: tuple[str, ...]
    marks: frozenset[str]
    settled: bool = False


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """The layers, outermost first. `cut` says which bound was met, if any."""

    layers: tuple[Layer, ...]
    cut: str | None = None


_COMPRESSIONS = frozenset({"gzip", "zlib", "deflate", "brotli", "zip", "bzip2", "xz", "lzma", "zstd", "lz4"})
_MARKED = _COMPRESSIONS - {"deflate", "brotli"}  # they begin with bytes that chance hardly makes
# A wrong guess gives random bytes, which Latin-1 would turn into letters.
_GUESSES = frozenset(
    {"base64", "hex", "base32", "base36", "base45", "base58", "base62", "base85", "base91", "ascii85", "z85", "xor"}
)
_REWRITES = frozenset({"percent", "html", "escapes", "markup", "quoted-printable", "wrapped"})  # noise stays noise
_UNREADABLE = bytes([*range(32), *range(127, 256)])
_NO_LETTERS = bytes(code for code in range(256) if not (chr(code).isalnum() and code < 128) and code != 32)
_TEXT_BYTES = 8
_DIFFERENT, _SAMPLE = 6, 256  # different bytes of the first so many that a text of values has
_MEGABYTE = 1024 * 1024
_LAYERS_A_LOOK = 8  # between two looks at the clock
_GROWTH = 4  # times a large part's own size that its layers may have together

_PLAIN = frozenset({"hyphenated", "emphasis", "continued", "strings"})  # a text without what a format put into it
_RESTATED = _REWRITES | _PLAIN | {"utf-7", "mojibake", "reversed", "rot13", "rot47"}
_HARDLY = 0.9  # of a text's bytes that are left of it
_BESIDE = 2  # lines before and after a new one
_OPAQUE = _COMPRESSIONS | {"base64", "hex", "base32", "utf-16", "utf-32"}  # what came out of these is no junk
_NUMERALS = frozenset("base36 base45 base58 base62 base85 z85 ascii85 base91".split())
_LONG = 12  # bytes that chance does not make read
_WRITTEN_OUT = frozenset({"uuencode", "bits", "codes", "git patch"})  # chance makes none of these
_JOINS = ("fields", "spoken")
_WORDS = frozenset({"said", "said abroad", "html", "escapes"})  # what may stand in a list of words
_STREAMED = frozenset({"events", "lines"})
_TURNS = frozenset({"reversed", "rot13"})
_TURNED = _TURNS | {"rot47"}  # what any text can be made into


def outermost(data: bytes) -> Layer:
    """Return the part itself as a layer."""
    text, noise = readable(data)
    return Layer(data=data, text=text, noise=noise, how=(), marks=_marks(text))


def decode(data: bytes, limits: Limits, *, short: int = SHORT) -> Decoded:
    """Return all layers in the data. Never raises, whatever the bytes are.

    The search is breadth first, so that each content keeps its shortest chain of steps. Contents of up to `short` bytes
    are always also read backwards and rotated as a whole.
    """
    prepare()
    layers = [outermost(data)]
    noise = layers[0].noise
    seen, spent, at, cut = {(data, noise)}, 0, 0, None
    tried: set[bytes] = set()
    lines = SeenLines(data)
    size = max(1.0, len(data) / _MEGABYTE)
    clock, most = _Clock(limits.seconds * size), max(limits.bytes_out, _GROWTH * len(data))
    while at < len(layers):
        layer = layers[at]
        at += 1
        for step, inner in _inside(layer, limits, tried, short):
            if (inner, False) in seen:
                continue
            settled = _is_settled(layer, step, len(inner))
            inner = lines.new_in(step, inner)
            if not inner or (inner, False) in seen:
                continue
            # What came out of noise is read less closely: where it also stands by itself it is read once more.
            found = _layer(layer, step, inner, settled=settled)
            if (inner, found.noise) in seen:
                continue
            if len(layer.how) >= limits.depth:
                if not _evident(layer, step, inner):
                    continue
                return Decoded(layers=tuple(layers), cut=cut or f"encoded more than {limits.depth} deep")
            seen.add((inner, found.noise))
            spent += len(inner)
            late = not len(layers) % _LAYERS_A_LOOK and clock.is_over()
            if len(layers) >= limits.layers * size or spent > most or late:
                return Decoded(layers=tuple(layers), cut=cut or "decoding bounds met")
            if step in _COMPRESSIONS and len(inner) > limits.inflated:
                cut = f"more than {limits.inflated} bytes when decompressed"
            layers.append(found)
    return Decoded(layers=tuple(layers), cut=cut)


class _Clock:
    """Measures the processor time of this thread since it was first asked. It starts then because reading the clock is
    slow and most parts never ask.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end: float | None = None

    def is_over(self) -> bool:
        now = time.thread_time()
        if self._end is None:
            self._end = now + self._seconds
        return now > self._end


class SeenLines:
    """Remembers which lines stood in a layer: a rewritten text is mostly the same lines again."""

    def __init__(self, data: bytes) -> None:
        self._lines = set(map(hash, data.split(b"\n")))

    def new_in(self, step: str, data: bytes) -> bytes:
        """Return the new lines of a rewritten text and the lines beside them. Bytes of any other step come back as they
        are.
        """
        if step not in _RESTATED and step.partition("+")[0] not in _RESTATED:
            return data
        lines = data.split(b"\n")
        codes = list(map(hash, lines))
        new = [code not in self._lines for code in codes]
        self._lines.update(codes)
        if all(new) or len(lines) <= _BESIDE or is_block(data):
            return data if any(new) else b""
        kept = {at for place in range(len(new)) if new[place] for at in range(place - _BESIDE, place + _BESIDE + 1)}
        return b"\n".join(line for at, line in enumerate(lines) if at in kept)


def _evident(layer: Layer, step: str, inner: bytes) -> bool:
    """Return whether something really lies beyond the depth limit: a container with a mark of its own, or more text of
    values.

    A random token can look like one alphabet, and what comes out like another, at every depth. Any text can be turned.
    Such guesses are no evidence.
    """
    chance = _TURNED | {"strings"} | (_GUESSES - _OPAQUE)  # what chance makes of nearly anything
    if step in _TURNED or step in _JOINS or layer.noise or not chance.isdisjoint(layer.how):
        return False
    if step in _MARKED:
        return True
    readable_bytes = len(inner.translate(None, _UNREADABLE))
    letters = len(inner.translate(None, _NO_LETTERS))
    varied = len(set(inner[:_SAMPLE])) >= _DIFFERENT  # one letter again and again opens as another one, without end
    return varied and len(inner) >= _TEXT_BYTES and readable_bytes >= 0.95 * len(inner) and letters >= 0.6 * len(inner)


def _inside(layer: Layer, limits: Limits, tried: set[bytes], short: int) -> Found:
    sure = not layer.how or layer.how[-1] not in _GUESSES
    strings = layer.how[-1:] != ("strings",)  # those of its strings were read with them
    yield from in_bytes(layer.data, limits.inflated, binary=is_binary(layer.data), sure=sure, strings=strings)
    # What was put together is matched as it is: its pieces were read where they stood.
    if not _joined(layer):
        marks = layer.marks - _STREAMED if layer.how and layer.how[-1] == "events" else layer.marks
        if layer.how and layer.how[-1] == "words":
            marks &= _WORDS
        if layer.how and layer.how[-1] == "wrapped":
            marks -= {"wrapped"}  # its lines are whole blocks
        if layer.how[-1:] == ("rot47",):
            marks -= {"rot47"}  # twice gives what was there before
        yield from in_text(
            layer.text,
            noise=layer.noise,
            marks=marks,
            tried=tried,
            inner=_fresh(layer),
            guess=_weak(layer),
            turned=_turned(layer),
            short=0 if layer.settled else short,
        )


def _is_settled(outer: Layer, step: str, size: int) -> bool:
    """Return whether a step hardly changes a text that was turned already. `size` is what it gives, in bytes."""
    if not outer.settled and outer.how[-1:] not in (("reversed",), ("rot13",)):
        return False
    return step.partition("+")[0] in _REWRITES | _PLAIN and size > _HARDLY * len(outer.data)


def _turned(layer: Layer) -> bool:
    return not (_TURNS | {"xor"}).isdisjoint(layer.how)


def _weak(layer: Layer) -> bool:
    """Return whether the layer was joined from pieces, or came out of an alphabet that chance often fits."""
    return bool(layer.how) and layer.how[-1].partition("+")[0] not in _OPAQUE | _REWRITES | {
        "utf-7",
        "mojibake",
        "riff",
    }


def _fresh(layer: Layer) -> bool:
    """Return whether the layer came out of an encoding that hides it completely. Such a layer is also read backwards
    and rotated.
    """
    if not layer.how:
        return False
    if layer.how[-1] in _WRITTEN_OUT or layer.how[-1] in _OPAQUE:
        return True
    return layer.how[-1] in _NUMERALS and len(layer.data) >= _LONG


def _joined(layer: Layer) -> bool:
    return bool(layer.how) and layer.how[-1] in _JOINS


def _layer(outer: Layer, step: str, inner: bytes, *, settled: bool) -> Layer:
    kinds = frozenset(step.split("+"))
    text, noise = readable(inner, latin=kinds.isdisjoint(_GUESSES))
    # Quiet sound looks like UTF-16, so its runs are noise until something in them says otherwise.
    noise = noise or step in ("utf-16 runs", "strings") or (outer.noise and kinds <= _REWRITES)
    # A compression without a mark gives such runs back nearly as they are.
    noise = noise or (outer.noise and outer.how[-1:] == ("utf-16",) and step in ("brotli", "deflate"))
    step = "utf-16" if step == "utf-16 runs" else step
    how = (*outer.how, step)
    return Layer(data=inner, text=text, noise=noise, how=how, marks=_marks(text), settled=settled)


def _marks(text: str) -> frozenset[str]:
    return signals().present(text.encode("utf-8", "replace"))
