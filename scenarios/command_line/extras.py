"""The optional parts of Earlid (extras): which one brings a library, and which libraries of a part are missing.

Source: the package's own metadata, as pip wrote it.
"""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, requires

from gateway.files import BadFile

PACKAGE = "earlid"
# Most needed first. A library of several parts is named with the first of them.
PARTS = (
    "sealed",  # also a library of the gateway
    *("gateway", "simulator", "loadtests", "fuzz", "files", "cloud", "postgresql", "mysql", "telemetry"),
    *("recordings", "voices", "speed", "docs"),
)
# Import names that are not the package's name.
_IMPORTED_AS = {
    "amqtt": "amqtt",
    "argon2": "argon2-cffi",
    "bson": "pymongo",
    "gevent": "locust",
    "material": "mkdocs-material",
    "mkdocs": "mkdocs-material",
    "multipart": "python-multipart",
    "opentelemetry": "opentelemetry-sdk",
    "paho": "paho-mqtt",
    "PIL": "pillow",
    "audioop": "audioop-lts",
    "zxingcpp": "zxing-cpp",
    "inflate64": "py7zr",
    "starlette": "fastapi",
}
_OURS = ("scenarios", "simulator", "gateway", "loadtests", "earlid")


def missing_part(error: ModuleNotFoundError) -> str | None:
    """One line for a library that is not installed. None for a module of Earlid's own: that is a fault of Earlid."""
    library = (error.name or "").split(".")[0]
    if not library or library in _OURS:
        return None
    package = _IMPORTED_AS.get(library, library.replace("_", "-").lower())
    extra = next((part for part in PARTS if package in _libraries(part)), None)
    return _told(library, extra) if extra else f"the Python module {library} is not installed"


def wanted(extra: str) -> None:
    """Nothing if all libraries of a part are installed.

    Raises:
        BadFile: one is missing. The line names it, and the command that installs it.
    """
    for library in _libraries(extra):
        try:
            distribution(library)
        except PackageNotFoundError:
            raise BadFile(_told(library, extra)) from None


def _told(library: str, extra: str) -> str:
    return (
        f"this command needs a part that is not installed ({library}); try: pip install '{PACKAGE}[{extra}]', or "
        f"'{PACKAGE}[all]' for every part"
    )


def _libraries(extra: str) -> tuple[str, ...]:
    return tuple(name for name, part in _required() if part == extra)


def _required() -> Iterator[tuple[str, str]]:
    """(library, extra) of each requirement that holds on every machine. Empty if Earlid is no installed package."""
    try:
        lines = requires(PACKAGE) or []
    except PackageNotFoundError:
        return
    for line in lines:
        if found := re.fullmatch(r"([A-Za-z0-9._-]+)[^;]*; extra == '([a-z]+)'", line):
            yield found[1].lower(), found[2]
