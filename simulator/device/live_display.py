"""A live display of a running fleet: devices online, utterances, frames a second, lag, faults."""

import time
from collections import Counter
from collections.abc import Callable, Iterable

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gateway.wire import Topics
from simulator.links.link import Answer, Link
from simulator.world.truth import Delivery, Unsent, Utterance

_RECENT_S = 2.0  # seconds over which the frame rate is measured
_SPARKS = " ▁▂▃▄▅▆▇█"
_COLUMNS = 60  # seconds of history shown


class Watch:
    """Counts what passes a link and what became of it. `now_ms` is the fleet's clock, set by run_fleet."""

    def __init__(
        self, *, devices: int, utterances: int, factor: float | None = None, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.devices, self.utterances, self.factor = devices, utterances, factor
        self.now_ms: Callable[[], float] = lambda: 0.0
        self.away: Callable[[], Counter[str]] = Counter  # devices that reboot or are offline at the moment
        self.faults: Callable[[], Counter[str]] = Counter
        self.said: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.unsent: Counter[str] = Counter()
        self.online: set[str] = set()
        self.frames = self.sent_again = 0
        self._now_s, self._began_s = now_s, now_s()
        self._by_second: Counter[int] = Counter()

    def around(self, link: Link, topics: Topics) -> Link:
        return _Counted(link, self, topics)

    def done(self, said: Utterance, delivery: Delivery) -> None:
        self.said[said.kind] += 1
        self.outcomes[delivery.outcome or "unanswered"] += 1
        self.sent_again += delivery.attempts - 1

    def missed(self, unsent: Iterable[Unsent]) -> None:
        self.unsent.update(each.why.replace("_", " ") for each in unsent)

    def sent(self, site_id: str, *, frame: bool) -> None:
        self.online.add(site_id)
        if frame:
            self.frames += 1
            self._by_second[int(self._now_s() - self._began_s)] += 1

    @property
    def elapsed_s(self) -> float:
        return self._now_s() - self._began_s

    @property
    def frames_per_s(self) -> float:
        now = self.elapsed_s
        recent = sum(count for second, count in self._by_second.items() if second >= now - _RECENT_S)
        return recent / min(_RECENT_S, max(now, 0.1))

    @property
    def lag_s(self) -> float | None:
        """Wall seconds behind the intended time. None on a virtual clock."""
        return None if self.factor is None else self.elapsed_s - self.now_ms() / 1000 / self.factor

    @property
    def history(self) -> list[int]:
        """The number of frames in each of the last seconds."""
        now = int(self.elapsed_s)
        return [self._by_second[second] for second in range(max(0, now - _COLUMNS), now)]


class _Counted:
    def __init__(self, inner: Link, watch: Watch, topics: Topics) -> None:
        self._inner, self._watch, self._topics = inner, watch, topics

    def send(self, topic: str, payload: bytes) -> None:
        levels = self._topics.split(topic)
        frame = levels[:1] == ["hermes"]
        self._watch.sent(levels[2] if frame else levels[1] if len(levels) > 1 else "", frame=frame)
        self._inner.send(topic, payload)

    def drain(self) -> list[Answer]:
        return self._inner.drain()

    def close(self) -> None:
        self._inner.close()


def screen(watch: Watch) -> RenderableType:
    """The display as a renderable. It names nobody."""
    done = sum(watch.said.values())
    away = watch.away()
    head = Table.grid(padding=(0, 3))
    head.add_row(
        f"[bold]{watch.devices - away.total()}[/] of {watch.devices} online{_list(away)}",
        f"[bold]{watch.frames_per_s:,.0f}[/] frames/s",
        f"simulated {_clock(watch.now_ms() / 1000)}",
        _lag(watch.lag_s),
    )
    tables = Table.grid(padding=(0, 1))
    tables.add_row(
        _table("said", watch.said),
        _table("answered", watch.outcomes),
        _table("never sent", watch.unsent),
        _table("faults", watch.faults() + Counter({"sent again": watch.sent_again})),
    )
    bar = ProgressBar(total=max(1, watch.utterances), completed=done, width=40)
    foot = Columns(
        [bar, Text(f"{done} of {watch.utterances} utterances, {watch.frames:,} frames of {len(watch.online)} devices")]
    )
    return Panel(Group(head, Text(sparkline(watch.history), style="cyan"), tables, foot), title="fleet", width=100)


def sparkline(counts: list[int]) -> str:
    """A text chart with one character for each second, scaled to the largest value."""
    most = max(counts, default=0) or 1
    return "".join(_SPARKS[round(count / most * (len(_SPARKS) - 1))] for count in counts) or " "


def _table(title: str, counts: Counter[str]) -> Table:
    table = Table(title=title, show_header=False, width=23)
    for name, count in sorted(counts.items()):
        table.add_row(name, f"{count:,}")
    if not counts:
        table.add_row("nothing yet", "")
    return table


def _list(counts: Counter[str]) -> str:
    return f" ({', '.join(f'{count} {kind}' for kind, count in sorted(counts.items()))})" if counts else ""


def _lag(lag_s: float | None) -> str:
    if lag_s is None:
        return "as fast as it goes"
    return f"[{'red' if lag_s > 0.25 else 'green'}]lag {max(0.0, lag_s) * 1000:,.0f} ms[/]"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
