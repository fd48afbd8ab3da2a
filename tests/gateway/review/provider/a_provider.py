"""An OpenID provider as a process of its own: `python -m tests.gateway.review.provider.a_provider CLIENT SECRET`.

It does what the specification asks: codes count once, for the client, address and PKCE challenge they were made for.
`POST /wrong` with a JSON object changes what its next tokens say; `{"break": NAME}` breaks one rule of a provider.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = sys.argv[1:3]
KEY, STRANGER = (RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}) for _ in range(2))


class Provider(BaseHTTPRequestHandler):
    codes: dict[str, dict[str, str]] = {}  # noqa: RUF012 (of the process)
    wrong: dict[str, Any] = {}  # noqa: RUF012 (of the process)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/.well-known/openid-configuration":
            issuer = "http://127.0.0.1:1" if self.wrong.get("break") == "description" else self.issuer
            paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return self._tell({"issuer": issuer, **{name: f"{self.issuer}/{path}" for name, path in paths.items()}})
        if asked.path == "/keys":
            return self._tell({"keys": [KEY.as_dict(private=False)]})
        return self._authorize({name: values[0] for name, values in parse_qs(asked.query).items()})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.path == "/wrong":
            type(self).wrong = json.loads(body)
            return self._tell({})
        return self._exchange({name: values[0] for name, values in parse_qs(body).items()})

    def _authorize(self, asked: dict[str, str]) -> None:
        """As if somebody had signed in at once."""
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"]}
        if self.wrong.get("break") == "refuse":
            back = {"error": "access_denied", "state": asked["state"]}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
        self.end_headers()

    def _exchange(self, said: dict[str, str]) -> None:
        asked = self.codes.pop(said["code"], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(said["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        who = base64.b64decode(self.headers["authorization"].removeprefix("Basic ")).decode()
        fits = asked and asked["redirect_uri"] == said["redirect_uri"] and asked["code_challenge"] == proof
        if not asked or not fits or who != f"{CLIENT}:{SECRET}":
            return self._tell({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "person 7", "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], "groups": ["annotators"], "amr": ["pwd", "otp"]}
        changed = {name: value for name, value in self.wrong.items() if name != "break"}
        claims = {name: value for name, value in (claims | changed).items() if value is not None}
        return self._tell({"access_token": "x", "token_type": "Bearer", "id_token": self._signed(claims)})

    def _signed(self, claims: dict[str, Any]) -> str:
        match self.wrong.get("break"):
            case "unsigned":
                parts = (json.dumps({"alg": "none"}), json.dumps(claims))
                return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."
            case "shared secret":  # which whoever holds it could sign with
                return jwt.encode(
                    {"alg": "HS256", "kid": "k1"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"]
                )
            case "another key":
                return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, STRANGER)
            case _:
                return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, KEY)

    def _tell(self, said: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    sys.stdout.write(f"provider on http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
