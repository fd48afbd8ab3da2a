"""Requests beside the review work: error pages, missing pages, and pages requested without a sign-in.

Each is (path, route name, expected status codes).
"""

NOBODY = "0000000000000000"  # no clip and no customer has this id

ERROR_PROBES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("/", "/", (200,)),
    ("/healthz", "/healthz", (200, 404)),
    ("/next", "/next", (404, 405)),
    ("/api/audit/clips?page=1", "/api/audit/clips?page={}", (200, 404)),
    ("/audit", "/audit", (200, 404)),
    ("/customers", "/customers", (200, 404)),
    ("/static/review.css", "/static/{file}", (200, 404)),
    ("/static/none.css", "/static/{file}", (404,)),
    ("/no/such/page", "/{unknown}", (404,)),
    ("/api/no/such/call", "/api/{unknown}", (404,)),
    ("/queue?notice=" + "x" * 30, "/queue?notice={}", (404, 422)),
    ("/api/audit/clips?page=0", "/api/audit/clips?page={}", (404, 422)),
    ("/api/openapi.json", "/api/openapi.json", (200, 404)),
    (f"/clips/{NOBODY}", "/clips/{ref}", (404,)),
    (f"/clips/{NOBODY}/audio.wav", "/clips/{ref}/audio.wav", (404,)),
    (f"/api/clips/{NOBODY}", "/api/clips/{ref}", (404,)),
    (f"/api/clips/{NOBODY}/audio", "/api/clips/{ref}/audio", (404,)),
    (f"/api/customers/{NOBODY}", "/api/customers/{customer_id}", (404, 503)),
)

# Asked without a sign-in, of a clip that is there: (path, route name).
OUTSIDE: tuple[tuple[str, str], ...] = (
    ("/queue", "/queue"),
    ("/clips/{ref}", "/clips/{ref}"),
    ("/clips/{ref}/audio.wav", "/clips/{ref}/audio.wav"),
    ("/api/queue", "/api/queue"),
    ("/api/clips/{ref}", "/api/clips/{ref}"),
    ("/api/clips/{ref}/audio", "/api/clips/{ref}/audio"),
    ("/api/openapi.json", "/api/openapi.json"),
)
