"""An application under its own tests, with everything it answers searched: the ASGI middleware.

python loadtests/examples/watch_an_app.py identities.json
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from gateway.identities import Household, load_identities
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.middleware import Answer, LeakMiddleware


def shop(home: Household) -> Starlette:
    """An application with one leak: its export streams the owner's name in two pieces."""
    name = (home.members[0].name if home.members else None) or ""

    async def front(_request: Request) -> Response:
        return PlainTextResponse("nobody here")

    async def export(_request: Request) -> Response:
        async def rows() -> AsyncIterator[str]:
            yield f"ref,owner\n1,{name[:4]}"
            yield f"{name[4:]}\n"

        return StreamingResponse(rows(), media_type="text/csv")

    return Starlette(routes=[Route("/", front), Route("/export", export)])


async def visit(app: LeakMiddleware) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        await client.get("/")
        await client.get("/export")


if __name__ == "__main__":
    identities = load_identities(Path(sys.argv[1]))
    seen: list[Answer] = []
    app = LeakMiddleware(shop(identities.households[0]), detector=LeakDetector(identities), report=seen.append)
    asyncio.run(visit(app))
    for answer in seen:
        fields = ", ".join(finding.field for finding in answer.searched.findings) or "nothing"
        sys.stdout.write(f"{answer.place}: {fields}\n")
    sys.stdout.write("\n".join(app.covered) + "\n")
    found, cut = (any(getattr(answer.searched, what) for answer in seen) for what in ("findings", "notes"))
    raise SystemExit(1 if found else 3 if cut else 0)  # 3: not searched to the end, which proves nothing
