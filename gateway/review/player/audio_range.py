"""Serves a clip's audio, whole or in the part a player asks for (RFC 9110, section 14, one range)."""

import re

from fastapi import Request
from fastapi.responses import Response

_RANGE = re.compile(r"^bytes=([0-9]{1,12})-([0-9]{0,12})$")


def audio_response(request: Request, wav: bytes) -> Response:
    """200 with the whole audio, or 206 with the asked part. Other kinds of ranges are ignored, as the RFC allows.

    No answer has a validator, so an `If-Range` never matches. Its answer is the whole audio (RFC 9110, 13.1.5).
    """
    headers = {"accept-ranges": "bytes"}
    asked = _RANGE.match(request.headers.get("range", ""))
    if asked is None or "if-range" in request.headers:
        return Response(wav, 200, headers, "audio/wav")
    start, end = int(asked[1]), min(int(asked[2] or len(wav)), len(wav) - 1)
    if start > end:
        return Response(b"", 416, headers | {"content-range": f"bytes */{len(wav)}"})
    headers["content-range"] = f"bytes {start}-{end}/{len(wav)}"
    return Response(wav[start : end + 1], 206, headers, "audio/wav")
