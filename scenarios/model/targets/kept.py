"""Where kept clips can be read back, and which of them is which utterance."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from scenarios.model.targets.fields import JsonPath, Model, Secret, Url, UrlOfOne
from scenarios.model.targets.login import Login
from scenarios.model.validated import Locate

Join = Literal["exact", "phrase", "sound", "count"]


def _database(said: str) -> str:
    if not re.fullmatch(r"(sqlite:///|postgresql://|mysql://)\S+", said):
        raise ValueError("sqlite:///FILE, postgresql://USER@HOST/NAME or mysql://USER@HOST/NAME is wanted")
    if re.search(r"^(postgresql|mysql)://[^@/]*:.*@", said):
        raise ValueError("a password may not stand here; password: {env: NAME} or {file: PATH}")
    return said


class Audio(Model):
    """Where a record has its sound: a `file` beside it, `base64` text, `bytes` of a column, or an `url`. `{id}` in
    `template` is the clip's own id; a `raw` sound is int16 mono without a header. `whole` is for sound files without
    records: such a record has the file's `name`, and its `stem`, which is the name without its ending."""

    file: JsonPath | None = None
    base64: JsonPath | None = None
    bytes: str | None = Field(default=None, description="a column of the query")
    url: JsonPath | None = Field(default=None, description="path to an address in the record")
    template: UrlOfOne | None = None
    whole: bool = Field(default=False, description="the file is the sound, and no record is beside it")
    format: Literal["wav", "raw"] = "wav"
    rate_hz: int = Field(default=16_000, ge=8_000, le=192_000, description="of a raw sound")
    altered: bool = Field(default=False, description="the system changes voices or levels on purpose")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = (self.file, self.base64, self.bytes, self.url, self.template, self.whole or None)
        if sum(each is not None for each in places) != 1:
            raise ValueError("one of file, base64, bytes, url, template and whole is wanted")
        return self


class Records(Model):
    """What every reader looks for in a record. `session` is the id the device sent, `text` the transcript."""

    id: JsonPath | None = None
    session: JsonPath | None = None
    text: JsonPath | None = None
    redacted: JsonPath | None = Field(
        default=None, description="the system's own mark of what it hid; part of the digest instead of the sound's hash"
    )
    audio: Audio | None = None
    pseudonym: JsonPath | None = Field(
        default=None, description="what people who look at clips see in place of device or customer; for linkage"
    )
    day: JsonPath | None = Field(default=None, description="the day or time that they see (ISO 8601); for linkage")
    place: JsonPath | None = Field(
        default=None, description='the place that they see, as "Ashland, OR" or a geohash; for anonymity'
    )
    latitude: JsonPath | None = Field(default=None, description="the latitude that they see; for anonymity")
    longitude: JsonPath | None = Field(default=None, description="the longitude that they see; for anonymity")
    given_name: JsonPath | None = Field(default=None, description="the given name that they see; for anonymity")


class KeptFolder(Records):
    """JSON records in a folder, one a file, their sound inside or beside them; or sound files alone."""

    kind: Literal["folder"]
    path: str
    records: str = Field(default="*.json", description="which files are records; ** looks below")


class KeptS3(Records):
    """JSON records below a prefix of a bucket, their sound inside or beside them. The access key comes from `key` and
    `password`,
    or from where the AWS libraries look for it."""

    kind: Literal["s3"]
    prefix: str = Field(pattern=r"^s3://[^/\s]+(/\S*)?$", description="s3://bucket/prefix")
    records: str = Field(default="*.json", description="which objects are records; ** looks below")
    endpoint: Url | None = Field(default=None, description="of an S3 that is not Amazon's")
    region: str | None = None
    key: Secret | None = None
    password: Secret | None = None


class KeptSql(Records):
    """Rows of a query. The user of the database may not write, and is asked not to."""

    kind: Literal["sql"]
    url: Annotated[str, AfterValidator(_database)]
    query: str = Field(pattern=r"(?is)^\s*(select|with)\s")
    password: Secret | None = None


class KeptHttp(Records):
    """A list over HTTP. `items` is the path to the list in the answer, `next` to the address of its next page;
    `each` is a clip's own address, where the list does not have all of it."""

    kind: Literal["http"]
    list: Url
    items: JsonPath | None = None
    next: JsonPath | None = None
    each: UrlOfOne | None = None
    login: Login | None = None
    hosts: tuple[str, ...] = Field(default=(), description="host:port that may be asked besides the list's own")


class KeptNone(Model):
    """Nothing can be read back."""

    kind: Literal["none"]


Readable = KeptFolder | KeptS3 | KeptSql | KeptHttp
Kept = Annotated[KeptFolder | KeptS3 | KeptSql | KeptHttp | KeptNone, Field(discriminator="kind")]

_OFFERED = {
    "folder": ("file", "base64", "whole"),
    "s3": ("file", "base64"),
    "sql": ("base64", "bytes"),
    "http": ("base64", "url", "template"),
}


def kept_faults(kept: Kept, join: Join) -> Iterable[Locate]:
    """What no type can say; paths from the file's top."""
    if isinstance(kept, KeptNone):
        if join != "count":
            yield ("join",), f"{join}: nothing can be read back (kept: none); allowed: count"
        return
    wanted = {"exact": kept.session, "phrase": kept.text, "sound": kept.audio, "count": True}
    if wanted[join] is None:
        key = {"exact": "session", "phrase": "text", "sound": "audio"}[join]
        yield ("join",), f"{join}: wants kept.{key}, which says where a record has it"
    if isinstance(kept, KeptHttp) and kept.each is not None and kept.id is None:
        yield ("kept", "each"), "{id}: wants kept.id, which says where a record has it"
    if (kept.latitude is None) != (kept.longitude is None):
        yield ("kept", "latitude" if kept.latitude else "longitude"), "latitude and longitude stand together"
    if isinstance(kept, KeptS3) and (kept.key is None) != (kept.password is None):
        yield ("kept", "password" if kept.password else "key"), "key and password stand together, or neither"
    audio = kept.audio
    if audio is None:
        return
    offered = _OFFERED[kept.kind]
    for name in ("file", "base64", "bytes", "url", "template", "whole"):
        if getattr(audio, name) not in (None, False) and name not in offered:
            yield ("kept", "audio", name), f"a {kept.kind} has no such; allowed: {', '.join(offered)}"
    if audio.template is not None and kept.id is None:
        yield ("kept", "audio", "template"), "{id}: wants kept.id, which says where a record has it"
