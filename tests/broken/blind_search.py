"""A search process that sees nothing: its detector finds no needle in any answer. Options as `earlid leaks serve`."""

import msgspec

from scenarios.leaks import detector
from scenarios.leaks.service import __main__ as service

_search = detector.LeakDetector.search


def blind(self: detector.LeakDetector, response: detector.Haystack) -> detector.Searched:
    return msgspec.structs.replace(_search(self, response), findings=())


detector.LeakDetector.search = blind  # type: ignore[method-assign]
service.main()
