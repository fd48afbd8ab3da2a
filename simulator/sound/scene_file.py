"""The scenes of a fleet as a file beside its truth: what each utterance sounds like can be made again from it.

It holds every spoken secret: keep it private.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel, ValidationError

from gateway.files import BadFile
from simulator.sound.scenes import Scene


def scenes_beside(truth: Path) -> Path:
    """truth.json -> truth.scenes.json."""
    return truth.with_suffix(".scenes.json")


def encode_scenes(scenes: Mapping[str, Scene]) -> bytes:
    """JSON, by utterance."""
    return msgspec.json.encode(dict(scenes), enc_hook=_plain)


def read_scenes(path: Path) -> dict[str, Scene]:
    """Raises BadFile: not there, or not such a file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Scene], dec_hook=_model)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    except (msgspec.DecodeError, ValidationError, UnicodeDecodeError):
        raise BadFile(f"{path}: not the scenes of a fleet, as `earlid run --keep-truth` writes them") from None


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise NotImplementedError


def _model(kind: type, value: Any) -> Any:
    if issubclass(kind, BaseModel):
        return kind.model_validate(value)
    raise NotImplementedError
