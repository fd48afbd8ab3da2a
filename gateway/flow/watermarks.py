"""Watermarks: questions that are answered once all sessions that ended before them have an outcome."""

_MOST = 1_024


class Watermarks:
    """The open questions, each with the number of sessions that had ended when it came. One worker owns it."""

    def __init__(self) -> None:
        self._asked: list[tuple[str, int, int]] = []

    def ask(self, token: str, *, ends: int, settled: int) -> None:
        """Note a question. If there are too many, the oldest is dropped, and its asker has to repeat it."""
        self._asked = [*self._asked[1 - _MOST :], (token, ends, settled)]

    def reached(self, first_owed: int | None, settled: int) -> list[tuple[str, int]]:
        """Take out the questions that can be answered, as (token, sessions settled since the question)."""
        over = [each for each in self._asked if first_owed is None or each[1] < first_owed]
        if over:
            self._asked = [each for each in self._asked if each not in over]
        return [(token, settled - since) for token, _, since in over]

    def __bool__(self) -> bool:
        return bool(self._asked)
