"""Loaded as one more locustfile: a leak detector that sees nothing, as a broken one would."""

from scenarios.leaks.detector import LeakDetector, Searched


def _see_nothing(self, response):
    return Searched(findings=(), notes=(), bytes=sum(len(part.data) for part in response.parts))


LeakDetector.search = _see_nothing
