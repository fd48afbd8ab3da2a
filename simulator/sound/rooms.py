"""The room a talker is heard in: image-source responses, how late sound arrives and how long it rings."""

import functools

import msgspec
import numpy as np

from gateway.wire import RATE_HZ

Point = tuple[float, float, float]

_ORDER = 12  # reflections followed; in rooms of this size what comes later lies 40 dB and more below
_SPEED_M_S = 343.0
_GONE_DB = -30.0  # where a sound is held to have ended: its reverberation has fallen by this much


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A shoebox: metres, energy absorption 0..1 of all six faces, and where the device stands.

    The defaults lie in the middle of what openWakeWord's training used (3.6-5.6 x 3.6-3.9 x 2.4-3.0 m, .075-.4).
    """

    size_m: Point = (4.6, 3.8, 2.6)
    absorption: float = 0.25
    device_m: Point = (2.6, 0.4, 0.9)


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """`taps` of the room from a talker to the device; `direct` is the sample at which the first sound arrives, `tail`
    how many samples after it the reverberation has fallen by 30 dB (Schroeder, 1965: backward integration)."""

    taps: np.ndarray
    direct: int
    tail: int


def hear_through(pcm: np.ndarray, response: Response) -> np.ndarray:
    """`pcm` (any scale) as the device hears it; longer by the response, with the direct sound at its own level."""
    from scipy.signal import fftconvolve

    return np.asarray(fftconvolve(pcm.astype(np.float64), response.taps))


@functools.lru_cache(maxsize=256)
def response(room: Room, talker_m: Point) -> Response:
    """The same room and talker give the same response.

    Raises:
        ValueError: somebody stands outside the room, or walls that absorb nothing or everything.
    """
    points = {"device": room.device_m, "talker": talker_m}
    for who, point in points.items():
        if not all(0 < at < side for at, side in zip(point, room.size_m, strict=True)):
            raise ValueError(f"room: the {who} stands outside")
    if not 0 < room.absorption < 1:
        raise ValueError("room: absorption must lie between 0 and 1")
    import pyroomacoustics as pra  # here: it takes over a second to import, and most commands need no room

    box = pra.ShoeBox(room.size_m, fs=RATE_HZ, materials=pra.Material(room.absorption), max_order=_ORDER)
    box.add_source(talker_m)
    box.add_microphone(room.device_m)
    box.compute_rir()
    late = pra.constants.get("frac_delay_length") // 2  # its fractional delays are centred so much too late
    distance_m = float(np.linalg.norm(np.subtract(talker_m, room.device_m)))
    taps = np.asarray(box.rir[0][0], np.float64)[late:] * 4 * np.pi * distance_m
    direct = round(distance_m / _SPEED_M_S * RATE_HZ)
    left = np.cumsum(np.square(taps[::-1]))[::-1]
    heard = left[direct:] / left[direct]
    tail = int(np.argmax(heard <= 10 ** (_GONE_DB / 10))) or len(heard)
    return Response(taps=taps, direct=direct, tail=tail)
