"""How a reader is let in. One recipe a login; which one it is the keys say."""

from typing import Literal, Self

from pydantic import Field, model_validator

from scenarios.model.targets.fields import DOTTED, JsonPath, Model, Secret, Url


class Oidc(Model):
    """A person confirms on another screen: the device authorization grant (RFC 8628). `device` and `token` are the
    endpoints that the provider's openid-configuration names."""

    device: Url
    token: Url
    client_id: str
    client_secret: Secret | None = None
    scope: str = "openid"


class Login(Model):
    """How the reader is let in: a `bearer` token, a `user` and `password` (HTTP basic, or with `url` a JSON or form
    login that gives a token or a cookie), a `cookies` file, `oidc`, or a `python` callable."""

    bearer: Secret | None = None
    scheme: str = Field(default="Bearer", description="word before the token in the header; some say Token")
    user: str | None = None
    password: Secret | None = None
    url: Url | None = Field(default=None, description="where user and password are sent; left out: HTTP basic")
    how: Literal["json", "form"] = "json"
    hidden: bool = Field(
        default=False, description="form: the page is read first and its hidden fields are sent too (CSRF tokens)"
    )
    user_field: str = "username"
    password_field: str = "password"  # noqa: S105 (the name of a field)
    token: JsonPath | None = Field(default=None, description="left out: the cookie it sets is kept")
    cookies: str | None = Field(default=None, description="a cookies.txt as browsers export it, mode 0600")
    oidc: Oidc | None = None
    python: str | None = Field(
        default=None, pattern=DOTTED, description="module.function beside this file; it returns headers by name"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.bearer, self.user, self.cookies, self.oidc, self.python)
        if sum(way is not None for way in ways) != 1 or (self.user is None) != (self.password is None):
            raise ValueError("one of bearer, user and password, cookies, oidc and python is wanted")
        if self.url is not None and self.user is None:
            raise ValueError("url: user and password are wanted beside it")
        if self.hidden and (self.url is None or self.how != "form"):
            raise ValueError("hidden: belongs to a form login (url, how: form)")
        return self
