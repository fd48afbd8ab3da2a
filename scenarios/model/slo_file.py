"""slo.yaml: what a load test must keep to, as expressions such as `p(95) < 300 ms`."""

from pathlib import Path
from typing import Annotated, Any, Literal

from earlid.load.slo import METRICS, expression
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from scenarios.model.validated import validated
from scenarios.model.yaml_file import read_document


def _is_expression(said: str) -> str:
    expression(said)
    return said


Expression = Annotated[
    str, AfterValidator(_is_expression), Field(description=f"METRIC < <= > >= == NUMBER; METRIC is one of {METRICS}")
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Objective(_Model):
    """What the requests that match must keep to. Without method, route and role: all requests."""

    name: str = Field(default="", max_length=80, description="how the report calls it")
    method: str | None = Field(default=None, description="GET, POST ... or another kind of request, such as MQTT")
    route: str | None = Field(default=None, description="the request's name in Locust: /clips/{ref}")
    role: str | None = Field(default=None, description="`role` of the request's context, or `user`")
    expect: tuple[Expression, ...] = Field(min_length=1)
    abort: bool = Field(default=False, description="end the run at the first miss")
    delay: float = Field(default=0.0, ge=0, le=86_400, description="seconds after the warm-up before it may abort")


class SloFile(_Model):
    """Service level objectives of one load test."""

    version: Literal[1] = Field(alias="slo")
    warmup: float = Field(default=0.0, ge=0, le=86_400, description="seconds at the beginning that do not count")
    objectives: tuple[Objective, ...] = Field(min_length=1)


def load_slo(path: Path) -> SloFile:
    """Read an SLO file.

    Raises:
        BadFile: not there. BadFiles: every fault: file, line, key, what is allowed.
    """
    return validated(read_document(path), SloFile)


def told(found: SloFile | None) -> dict[str, Any]:
    """What the Locust processes read: keys of `earlid.locust_load.LoadSettings`."""
    if found is None:
        return {"warmup_s": 0.0, "objectives": []}
    rows = [one.model_dump() for one in found.objectives]
    return {
        "warmup_s": found.warmup,
        "objectives": [{**{k: v for k, v in row.items() if k != "delay"}, "delay_s": row["delay"]} for row in rows],
    }
