"""Who asked what has been settled, and when it can be said: every session that had ended before has its outcome."""

_MOST = 1_024


class Watermarks:
    """Questions, each with the number of the last session that had ended when it came. One worker owns it."""

    def __init__(self) -> None:
        self._asked: list[tuple[str, int, int]] = []

    def ask(self, token: str, *, ends: int, settled: int) -> None:
        """The oldest question makes room: whoever asked asks again."""
        self._asked = [*self._asked[1 - _MOST :], (token, ends, settled)]

    def reached(self, first_owed: int | None, settled: int) -> list[tuple[str, int]]:
        """(token, sessions settled since) of the questions that wait for nothing more."""
        over = [each for each in self._asked if first_owed is None or each[1] < first_owed]
        if over:
            self._asked = [each for each in self._asked if each not in over]
        return [(token, settled - since) for token, _, since in over]

    def __bool__(self) -> bool:
        return bool(self._asked)
