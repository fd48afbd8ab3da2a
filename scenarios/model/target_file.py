"""target.yaml: what is under test. The built-in system, one that the harness starts, or one that is there already."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from scenarios.model.validated import Locate, nearest, validated
from scenarios.model.yaml_file import BadFiles, Fault, read_document

Join = Literal["exact", "phrase", "sound", "count"]
JsonPath = Annotated[
    str, Field(pattern=r"^[^.\s][^\s]*$", description="keys and list places with points between: clip.files.0")
]


def _address(said: str) -> str:
    """What is wrong with an address is said without quoting it: it may hold a password."""
    if not re.fullmatch(r"https?://[^\s@]+", said):
        raise ValueError("http(s)://host/... is wanted, without a user or a password (those go under login)")
    return said


def _address_of_one(said: str) -> str:
    if "{id}" not in said:
        raise ValueError("{id} is wanted in it, where the clip's own id goes")
    return _address(said)


def _database(said: str) -> str:
    if not re.fullmatch(r"(sqlite:///|postgresql://|mysql://)\S+", said):
        raise ValueError("sqlite:///FILE, postgresql://USER@HOST/NAME or mysql://USER@HOST/NAME is wanted")
    if re.search(r"^(postgresql|mysql)://[^@/]*:.*@", said):
        raise ValueError("a password may not stand here; password: {env: NAME} or {file: PATH}")
    return said


Url = Annotated[str, AfterValidator(_address), Field(description="http(s), without a user or a password")]
UrlOfOne = Annotated[str, AfterValidator(_address_of_one), Field(description="with {id}: http://host/clips/{id}.wav")]
_NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Secret(_Model):
    """A credential: the name of an environment variable, or a file of mode 0600 beside the target file."""

    env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    file: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("one of env: NAME and file: PATH is wanted")
        return self


class Audio(_Model):
    """Where a record has its sound: a `file` beside it, `base64` text, `bytes` of a column, or an `url`. `{id}` in
    `template` is the clip's own id; a `raw` sound is int16 mono without a header."""

    file: JsonPath | None = None
    base64: JsonPath | None = None
    bytes: str | None = Field(default=None, description="a column of the query")
    url: JsonPath | None = Field(default=None, description="path to an address in the record")
    template: UrlOfOne | None = None
    format: Literal["wav", "raw"] = "wav"
    rate_hz: int = Field(default=16_000, ge=8_000, le=192_000, description="of a raw sound")
    altered: bool = Field(default=False, description="the system changes voices or levels on purpose")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(each is not None for each in (self.file, self.base64, self.bytes, self.url, self.template)) != 1:
            raise ValueError("one of file, base64, bytes, url and template is wanted")
        return self


class _Records(_Model):
    """What every reader looks for in a record. `session` is the id the device sent, `text` the transcript."""

    id: JsonPath | None = None
    session: JsonPath | None = None
    text: JsonPath | None = None
    audio: Audio | None = None


class KeptFolder(_Records):
    """JSON records in a folder, one a file, their sound inside or beside them."""

    kind: Literal["folder"]
    path: str
    records: str = Field(default="*.json", description="which files are records; ** looks below")


class KeptSql(_Records):
    """Rows of a query. The user of the database may not write, and is asked not to."""

    kind: Literal["sql"]
    url: Annotated[str, AfterValidator(_database)]
    query: str = Field(pattern=r"(?is)^\s*(select|with)\s")
    password: Secret | None = None


class Login(_Model):
    """How the reader is let in: a bearer token, a user and password, or a JSON or form login that gives a token or a
    cookie. `token` is the path to the token in the answer."""

    bearer: Secret | None = None
    user: str | None = None
    password: Secret | None = None
    url: Url | None = Field(default=None, description="where user and password are sent; left out: HTTP basic")
    how: Literal["json", "form"] = "json"
    user_field: str = "username"
    password_field: str = "password"  # noqa: S105 (the name of a field)
    token: JsonPath | None = Field(default=None, description="left out: the cookie it sets is kept")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.bearer is None) == (self.user is None) or (self.user is None) != (self.password is None):
            raise ValueError("either bearer, or user and password are wanted")
        if self.url is not None and self.user is None:
            raise ValueError("url: user and password are wanted beside it")
        return self


class KeptHttp(_Records):
    """A list over HTTP. `items` is the path to the list in the answer, `next` to the address of its next page;
    `each` is a clip's own address, where the list does not have all of it."""

    kind: Literal["http"]
    list: Url
    items: JsonPath | None = None
    next: JsonPath | None = None
    each: UrlOfOne | None = None
    login: Login | None = None
    hosts: tuple[str, ...] = Field(default=(), description="host:port that may be asked besides the list's own")


class Review(_Model):
    """A review app, looked at as one of its users: the `routes`, those of its `openapi` description that take no
    parameter, and what they link to, `crawl` links deep. By GET alone, and never where a link says that it deletes."""

    url: Url
    login: Login | None = None
    routes: tuple[str, ...] = Field(default=("/",), min_length=1, description="/clips, /clips/17")
    openapi: str | None = Field(default=None, description="/openapi.json")
    crawl: int = Field(default=2, ge=0, le=5)
    role: str = Field(default="reviewer", pattern=_NAME)
    hosts: tuple[str, ...] = Field(default=(), description="host:port that may be asked besides the url's own")


class KeptNone(_Model):
    """Nothing can be read back."""

    kind: Literal["none"]


Kept = Annotated[KeptFolder | KeptSql | KeptHttp | KeptNone, Field(discriminator="kind")]


class Builtin(_Model):
    """The reference system, on a private broker of the kind named, or at a URL.

    `tls` makes the private broker speak TLS alone; `ca` is the certificate that signs the one at a URL (mqtts://).
    """

    version: Literal[1] = Field(default=1, alias="target")
    kind: Literal["builtin"] = "builtin"
    broker: str = Field(default="auto", pattern=r"^(auto|mosquitto|amqtt|mqtts?://.+)$")
    tls: bool = False
    ca: Path | None = None

    @model_validator(mode="after")
    def _tls_where_there_is_some(self) -> Self:
        if self.tls and self.broker not in ("auto", "mosquitto"):
            raise ValueError("tls: takes broker auto or mosquitto; the embedded amqtt speaks none, a URL says mqtts://")
        return self


class Attached(_Model):
    """A system that is there already. It is read, and never stopped, flooded or deleted from.

    `receipts`: devices are told what became of each utterance, as gateway/README.md publishes it.
    """

    version: Literal[1] = Field(alias="target")
    kind: Literal["attached"]
    name: str = Field(pattern=_NAME)
    kept: Kept
    join: Join = "exact"
    review: Review | None = None
    receipts: bool = False


TargetFile = Builtin | Attached
_KINDS: dict[str, type[Builtin] | type[Attached]] = {"builtin": Builtin, "attached": Attached}


def load_target_file(path: Path) -> TargetFile:
    """A target file of any kind.

    Raises:
        BadFile: not there. BadFiles: every fault: file, line, key, what is allowed.
    """
    document = read_document(path)
    kind = document.data.get("kind", "builtin") if isinstance(document.data, dict) else "builtin"
    model = _KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        says = f"{kind if isinstance(kind, str) else 'this'} is not known; {nearest(str(kind), _KINDS)}"
        raise BadFiles([Fault(place=document.place(("kind",)), key="kind", says=says)])
    return validated(document, Attached, _contradictions) if model is Attached else validated(document, Builtin)


def target_schema() -> dict[str, Any]:
    """The JSON Schema of all kinds."""
    return TypeAdapter(TargetFile).json_schema()


def _contradictions(target: Attached) -> Iterable[Locate]:
    """What no type can say."""
    kept = target.kept
    if isinstance(kept, KeptNone):
        if target.join != "count":
            yield ("join",), f"{target.join}: nothing can be read back (kept: none); allowed: count"
        return
    wanted = {"exact": kept.session, "phrase": kept.text, "sound": kept.audio, "count": True}
    if wanted[target.join] is None:
        key = {"exact": "session", "phrase": "text", "sound": "audio"}[target.join]
        yield ("join",), f"{target.join}: wants kept.{key}, which says where a record has it"
    if isinstance(kept, KeptHttp) and kept.each is not None and kept.id is None:
        yield ("kept", "each"), "{id}: wants kept.id, which says where a record has it"
    audio = kept.audio
    if audio is None:
        return
    offered = {
        "folder": ("file", "base64"),
        "sql": ("base64", "bytes"),
        "http": ("base64", "url", "template"),
    }[kept.kind]
    for name in ("file", "base64", "bytes", "url", "template"):
        if getattr(audio, name) is not None and name not in offered:
            yield ("kept", "audio", name), f"a {kept.kind} has no such; allowed: {', '.join(offered)}"
    if audio.template is not None and kept.id is None:
        yield ("kept", "audio", "template"), "{id}: wants kept.id, which says where a record has it"
