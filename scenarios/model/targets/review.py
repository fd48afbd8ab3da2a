"""A review app, looked at as one of its users."""

from pydantic import Field

from scenarios.model.targets.fields import NAME, Model, Url
from scenarios.model.targets.login import Login


class Review(Model):
    """A review app, looked at as one of its users: the `routes`, those of its `openapi` description that take no
    parameter, those a `har` recorded, and what they link to, `crawl` links deep. By GET alone, and never where a link
    says that it deletes."""

    url: Url
    login: Login | None = None
    routes: tuple[str, ...] = Field(default=("/",), min_length=1, description="/clips, /clips/17")
    openapi: str | None = Field(default=None, description="/openapi.json")
    har: str | None = Field(default=None, description="a browser's recording beside this file; its addresses are asked")
    crawl: int = Field(default=2, ge=0, le=5)
    role: str = Field(default="reviewer", pattern=NAME)
    hosts: tuple[str, ...] = Field(default=(), description="host:port that may be asked besides the url's own")
