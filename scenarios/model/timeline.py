"""What happens to the system while the fleet speaks: a part is restarted or killed, a household forgotten."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from scenarios.model.validated import Locate

Does = Literal["gateway_restart", "gateway_kill", "vault_restart", "household_forgotten"]

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LENGTH = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$")


def milliseconds(said: Any) -> Any:
    """ "90s", "5m", "2h", "181d"; a bare number is seconds. Raises ValueError: none of these."""
    if isinstance(said, int | float) and not isinstance(said, bool):
        return int(said * 1_000)
    found = _LENGTH.match(str(said))
    if found is None:
        raise ValueError(f"{said}: a time is wanted, such as 90s, 5m, 2h or 181d")
    return int(float(found[1]) * _UNITS[found[2]])


class Happening(BaseModel):
    """One event, `at` a simulated time after the fleet began to speak."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Annotated[int, BeforeValidator(milliseconds, json_schema_input_type=str | float)] = Field(
        description="90s, 5m, 2h; a bare number is seconds; of simulated time"
    )
    do: Does
    household: str | None = Field(default=None, description="household_forgotten: whose, by label: H03")

    @property
    def name(self) -> str:
        return self.do + (f" {self.household}" if self.household else "")


def timeline_faults(timeline: Sequence[Happening], households: int) -> Iterable[Locate]:
    """What no type can say; paths from the scenario's top."""
    for at, event in enumerate(timeline):
        where = ("timeline", at)
        if event.do != "household_forgotten":
            if event.household is not None:
                yield (*where, "household"), f"{event.do} concerns no household"
            continue
        number = re.fullmatch(r"H(\d{2,})", event.household or "")
        if number is None or not 1 <= int(number[1]) <= households:
            yield where, f"household_forgotten: household: H01 to H{households:02d} is wanted"
