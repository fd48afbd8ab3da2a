"""Reads JSON records below a prefix of a bucket. Their sound is inside them or in objects beside them."""

import fnmatch
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from gateway.files import BadFile, reason_of
from scenarios.kept.read.clip import Found, Unreadable
from scenarios.kept.read.credentials import value_of
from scenarios.kept.read.folder import MOST_AUDIO, MOST_RECORD
from scenarios.kept.read.paths import text_at
from scenarios.model.targets.kept import KeptS3


def objects_below(kept: KeptS3, beside: Path) -> Iterator[Found | str]:
    """Every record, in the order of names. A text in place of a record says what could not be read.

    Raises:
        BadFile: a credential or the library is missing. Unreadable: the bucket does not answer.
    """
    bucket = _bucket(kept, beside)
    prefix = kept.prefix.removeprefix("s3://").rstrip("/") + "/"
    sizes = _asked(lambda: {name: int(each.get("size") or 0) for name, each in _all(bucket, prefix).items()})
    for name in sorted(sizes):
        if not _matches(name.removeprefix(prefix), kept.records):
            continue
        if sizes[name] > MOST_RECORD:
            yield "a record is too long"
            continue
        raw = _asked(partial(bucket.cat_file, name))
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError):
            yield "a record is not JSON"
            continue
        for each in data if isinstance(data, list) else [data]:
            audio, trouble = _beside(each, kept, name, prefix, sizes, bucket)
            yield Found(data=each, raw=None if isinstance(data, list) else raw, audio=audio, trouble=trouble)


def _beside(
    data: object, kept: KeptS3, name: str, prefix: str, sizes: dict[str, int], bucket: Any
) -> tuple[bytes | None, str | None]:
    if kept.audio is None or kept.audio.file is None:
        return None, None
    named = text_at(data, kept.audio.file)
    if not named:
        return None, "a record names no object of its sound"
    whole = named.removeprefix("s3://")
    for sound in (f"{name.rpartition('/')[0]}/{named}", f"{prefix}{named}", whole):
        if sound in sizes:  # only what lies below the prefix is read
            if sizes[sound] > MOST_AUDIO:
                return None, "a sound is longer than 64 MB"
            return _asked(partial(bucket.cat_file, sound)), None
    return None, "a record names an object of its sound that is not below the prefix"


def _bucket(kept: KeptS3, beside: Path) -> Any:
    try:
        import s3fs  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise BadFile("target: kept: s3fs is missing; install earlid[cloud]") from None
    options: dict[str, Any] = {"client_kwargs": {"region_name": kept.region} if kept.region else {}}
    if kept.endpoint is not None:
        options["endpoint_url"] = kept.endpoint
    if kept.key is not None and kept.password is not None:
        options |= {"key": value_of(kept.key, beside), "secret": value_of(kept.password, beside)}
    return s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False, **options)


def _all(bucket: Any, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = bucket.find(prefix, detail=True)
    return found


def _asked(question: Any) -> Any:
    """The answer to a request. An error of botocore becomes one line without its quoted values."""
    try:
        return question()
    except Exception as error:
        raise Unreadable(f"the bucket does not answer ({reason_of(error)})") from None


def _matches(name: str, pattern: str) -> bool:
    """Match as a folder's glob does: `*` stays within a level, `**/` goes below."""
    if pattern.startswith("**/"):
        return fnmatch.fnmatchcase(name.rpartition("/")[2], pattern[3:])
    return name.count("/") == pattern.count("/") and fnmatch.fnmatchcase(name, pattern)
