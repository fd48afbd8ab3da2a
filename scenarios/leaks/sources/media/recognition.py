"""A picture -> the text in it, by the program tesseract where the machine has it, and its QR and bar codes."""

import io
import os
import shutil
import subprocess
from typing import Any

_PATIENCE_S = 120.0
_SMALL = 1_200  # pixels; what is narrower is drawn larger, as small letters are read badly
_LARGEST = 6_000


def text_in(picture: Any) -> str | None:
    """The text in a picture. None if the program is missing or gives up."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    drawn = picture.convert("RGB")
    if drawn.width < _SMALL:
        drawn = drawn.resize((drawn.width * 2, drawn.height * 2))
    drawn.thumbnail((_LARGEST, _LARGEST))
    png = io.BytesIO()
    drawn.save(png, "PNG")
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(
            [program, "-", "-", "--psm", "11"],
            input=png.getvalue(),
            capture_output=True,
            timeout=_PATIENCE_S,
            env=environment,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return done.stdout.decode("utf-8", "replace")


def codes_in(picture: Any) -> list[bytes]:
    """Return what every QR code and bar code in a picture holds."""
    import zxingcpp

    return [bytes(code.bytes) for code in zxingcpp.read_barcodes(picture.convert("RGB"))]
