"""The processes of a system that the harness starts, and what it may do to one that it does not."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.model.targets.fields import NAME, Model, Secret, Url

Words = Annotated[tuple[str, ...], Field(min_length=1, description="a program and its arguments; no shell reads them")]
May = Literal["restart", "load", "forget", "withdraw", "sweep"]


class Ready(Model):
    """How one sees that a part is up: an `url` that answers below 500, a `port` that is open, or a `line` that its
    output has."""

    url: Url | None = None
    port: int | None = Field(default=None, ge=1, le=65_535)
    line: str | None = Field(default=None, min_length=1, description="a piece of a line that it prints")
    within_s: float = Field(default=30.0, gt=0, le=600)

    @model_validator(mode="after")
    def _one_sign(self) -> Self:
        if sum(each is not None for each in (self.url, self.port, self.line)) != 1:
            raise ValueError("one of url, port and line is wanted")
        return self


class Part(Model):
    """One process, in a group of its own, started in the target file's folder. In `run` and `env` stand
    {host} and {port} of the broker, {identities} (what a customer would have typed; no spoken secrets) and {contract}.
    """

    name: str = Field(pattern=NAME)
    run: Words
    ready: Ready
    env: Mapping[str, str | Secret] = Field(default={}, description="besides PATH, HOME, LANG and the broker's account")


class Settle(Model):
    """When a system without receipts has done its work: its kept clips stay as they are for `quiet_s` seconds, and
    `idle` answers as it should. After `most_s` it is judged as it is, and that is said."""

    quiet_s: float = Field(default=2.0, gt=0, le=600)
    most_s: float = Field(default=60.0, gt=0, le=3_600)
    idle: Url | None = Field(default=None, description="an address whose whole answer is 0, or {} or [], when idle")

    @model_validator(mode="after")
    def _quiet_before_the_end(self) -> Self:
        if self.quiet_s > self.most_s:
            raise ValueError(f"quiet_s: {self.quiet_s:g} is longer than most_s, {self.most_s:g}: it never settles")
        return self
