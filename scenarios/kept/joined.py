"""Which utterance each kept clip is, as far as anybody can say."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

NONE: Mapping[str, frozenset[str]] = MappingProxyType({})


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """`of` maps a clip's label to its utterance. `strangers` are clips that the fleet did not send. `untold` are clips
    that could be several utterances, each with those it could be. `narrowed` counts the clips in `of` that
    length, sound and words told together, because little of them was left."""

    of: Mapping[str, str]
    strangers: tuple[str, ...] = ()
    untold: Mapping[str, frozenset[str]] = NONE
    narrowed: int = 0

    @property
    def candidates(self) -> frozenset[str]:
        """The utterances that some untold clip could be."""
        return frozenset[str]().union(*self.untold.values())
