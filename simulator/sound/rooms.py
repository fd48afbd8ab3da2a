"""Room acoustics: image-source impulse responses from a talker to the device."""

import functools

import msgspec
import numpy as np

from gateway.wire import RATE_HZ

Point = tuple[float, float, float]

_ORDER = 12  # order of reflections; in rooms of this size later ones are at least 40 dB below
_SPEED_M_S = 343.0
_GONE_DB = -30.0  # a sound counts as ended when its reverberation has fallen by so much


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A box-shaped room: its size in metres, the energy absorption (0 to 1) of its faces, the device's position.

    The defaults are in the middle of what openWakeWord's training used (3.6-5.6 x 3.6-3.9 x 2.4-3.0 m, .075-.4).
    """

    size_m: Point = (4.6, 3.8, 2.6)
    absorption: float = 0.25
    device_m: Point = (2.6, 0.4, 0.9)


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An impulse response from a talker to the device. `taps` are its samples.

    `direct` is the sample of the first arrival. `tail` is the number of samples after it until the reverberation has
    fallen by 30 dB (backward integration, Schroeder 1965).
    """

    taps: np.ndarray
    direct: int
    tail: int


def hear_through(pcm: np.ndarray, response: Response) -> np.ndarray:
    """`pcm` (any scale) as the device hears it. The result is longer by the response."""
    from scipy.signal import fftconvolve

    return np.asarray(fftconvolve(pcm.astype(np.float64), response.taps))


@functools.lru_cache(maxsize=256)
def response(room: Room, talker_m: Point) -> Response:
    """The same room and talker give the same response.

    Raises:
        ValueError: a position is outside the room, or the absorption is 0 or 1.
    """
    points = {"device": room.device_m, "talker": talker_m}
    for who, point in points.items():
        if not all(0 < at < side for at, side in zip(point, room.size_m, strict=True)):
            raise ValueError(f"room: the {who} stands outside")
    if not 0 < room.absorption < 1:
        raise ValueError("room: absorption must lie between 0 and 1")
    import pyroomacoustics as pra  # imported here because it takes over a second, and most commands need no room

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
