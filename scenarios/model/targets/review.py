"""A review app, looked at as one of its users."""

from collections.abc import Iterable

from pydantic import Field

from scenarios.model.targets.fields import NAME, Model, Url
from scenarios.model.targets.kept import Kept, KeptNone
from scenarios.model.targets.login import Login
from scenarios.model.validated import Locate


class Role(Model):
    """One kind of person: what the app must show them (`allowed`) and what it must not (`refused`). Without `login`
    they are not signed in. {id} is a kept clip's own id."""

    role: str = Field(pattern=NAME)
    login: Login | None = None
    allowed: tuple[str, ...] = Field(default=(), description="/clips, /clips/{id}")
    refused: tuple[str, ...] = Field(default=(), description="/audit, /clips/{id}.wav")


class Review(Model):
    """A review app, looked at as one of its users: the `routes`, those of its `openapi` description that take no
    parameter, those a `har` recorded, and what they link to, `crawl` links deep; the pages of each kept clip (`clips`).
    By GET alone, and never where a link says that it deletes."""

    url: Url
    login: Login | None = None
    routes: tuple[str, ...] = Field(default=("/",), min_length=1, description="/clips, /clips/17")
    errors: tuple[str, ...] = Field(
        default=(), description="routes that answer an error, as of a clip that is not there: their page is searched"
    )
    clips: tuple[str, ...] = Field(
        default=(), description="pages of one kept clip; {id} is kept.id: /clips/{id}, /clips/{id}.wav"
    )
    openapi: str | None = Field(default=None, description="/openapi.json")
    har: str | None = Field(default=None, description="a browser's recording beside this file; its addresses are asked")
    crawl: int = Field(default=2, ge=0, le=5)
    role: str = Field(default="reviewer", pattern=NAME)
    hosts: tuple[str, ...] = Field(default=(), description="host:port that may be asked besides the url's own")
    roles: tuple[Role, ...] = Field(default=(), description="who must see what, and who must not; for access")
    public: tuple[str, ...] = Field(default=(), description="routes that people may see who are not signed in")


def review_faults(review: Review, kept: Kept) -> Iterable[Locate]:
    """What no type can say; paths from the file's top."""
    for at, route in enumerate(review.clips):
        where = ("review", "clips", at)
        if "{id}" not in route:
            yield where, f"{route}: wants {{id}}, where the clip's own id is filled in; other pages stand in `routes`"
        elif isinstance(kept, KeptNone) or kept.id is None:
            yield where, "{id}: wants kept.id, which says where a record has it"
    names = [each.role for each in review.roles]
    for at, said in enumerate(review.roles):
        yield from _role_faults(("review", "roles", at), said, kept)
        if said.role in names[:at]:
            yield ("review", "roles", at, "role"), f"{said.role} stands twice"


def _role_faults(where: tuple[str | int, ...], said: Role, kept: Kept) -> Iterable[Locate]:
    if not said.allowed and not said.refused:
        yield where, "allowed or refused is wanted: routes that this role must see, or must not"
    for key in ("allowed", "refused"):
        for at, route in enumerate(getattr(said, key)):
            if "{id}" in route and (isinstance(kept, KeptNone) or kept.id is None):
                yield (*where, key, at), "{id}: wants kept.id, which says where a record has it"
    for at, route in enumerate(said.refused):
        if route in said.allowed:
            yield (*where, "refused", at), f"{route} stands in allowed, too"
