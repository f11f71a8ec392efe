"""An organisation's own sign-in by OpenID Connect: whom does it name, and how sure is it?

allauth's openid_connect knows the protocol: discovery, state, PKCE, the exchange of the code.
What it leaves out is here: the ID token's signature, its nonce, and that all of it is about us.
SAML would be another module with a `claims` of its own; the links of people stay the same.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.urls import reverse

from accounts.errors.identities import OrganisationRefusedError

ALGORITHMS = {
    "RS256": "RSA",
    "PS256": "RSA",
    "ES256": "EC",
}  # never none, never a shared secret
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
LEEWAY_SECONDS = 30
FACTOR = "identity_provider"
CLAIM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}\Z")
MOST_CLAIMS = 8
LOCAL = {"127.0.0.1", "localhost", "::1"}  # where trying it out needs no TLS


@dataclass(frozen=True)
class Asked:
    """What only this browser's session knows of a sign-in under way."""

    nonce: str
    verifier: str


@dataclass(frozen=True)
class Named:
    """Whom the organisation named, and by which factors it says it knows."""

    issuer: str
    subject: str
    factors: tuple[str, ...]


class Organisation(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """One organisation that this site is set up with (ORGANISATIONS)."""

    def __init__(self, request: Any, known: dict[str, str]) -> None:
        super().__init__(request, known["id"])
        self.known = known
        self.app = SocialApp(
            provider="openid_connect",
            provider_id=known["id"],
            name=known["name"],
            client_id=known["client_id"],
            secret=known.get("secret", ""),
            settings={"server_url": known["issuer"], "oauth_pkce_enabled": True},
        )

    def get_provider(self) -> OpenIDConnectProvider:
        return OpenIDConnectProvider(self.request, app=self.app)

    def get_callback_url(self, request: Any, app: Any) -> str:
        path = reverse("organisation_callback", args=[self.known["id"]])
        return str(request.build_absolute_uri(path))

    def ask(self) -> tuple[Asked, dict[str, str]]:
        """Return what to remember, and what to ask the organisation besides."""
        pkce = generate_code_challenge()
        asked = Asked(nonce=secrets.token_urlsafe(32), verifier=pkce.pop("code_verifier"))
        return asked, {**pkce, "nonce": asked.nonce}

    def address(self, state: str, more: dict[str, str]) -> str:
        """Return where the browser goes to sign in there.  Raises OrganisationRefusedError."""
        try:
            self._require_ours()
            client = self.get_client(self.request, self.app)
            client.state = state
            return str(client.get_redirect_url(self.authorize_url, ["openid"], more))
        except (requests.RequestException, KeyError, ValueError) as error:
            raise OrganisationRefusedError("unreachable") from error

    def exchange(self, code: str, asked: Asked) -> Named:
        """Exchange the code for whom it names, once.  Raises OrganisationRefusedError."""
        try:
            self._require_ours()
            client = self.get_client(self.request, self.app)
            answer = client.get_access_token(code, pkce_code_verifier=asked.verifier)
            with requests.Session() as session:
                keys = session.get(self.openid_config["jwks_uri"], timeout=5)
                keys.raise_for_status()
            return self.named(answer["id_token"], keys.json(), asked)
        except OAuth2Error as error:
            raise OrganisationRefusedError("code") from error
        except (requests.RequestException, KeyError, TypeError, ValueError) as error:
            raise OrganisationRefusedError("unreachable") from error

    def named(self, id_token: str, keys: dict[str, Any], asked: Asked) -> Named:
        """Judge an ID token (OpenID Connect Core 3.1.3.7).  Raises OrganisationRefusedError."""
        try:
            header = jwt.get_unverified_header(id_token)
            claims = jwt.decode(
                id_token,
                key=_key(header, keys),
                algorithms=[header["alg"]],
                issuer=self.known["issuer"],
                audience=self.known["client_id"],
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED},
            )
        except (jwt.PyJWTError, KeyError, TypeError) as error:
            raise OrganisationRefusedError("token") from error
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims.get("azp", audiences[0]) != self.known["client_id"]:
            raise OrganisationRefusedError("audience")
        if not hmac.compare_digest(str(claims["nonce"]).encode(), asked.nonce.encode()):
            raise OrganisationRefusedError("nonce")
        return Named(self.known["issuer"], str(claims["sub"]), factors_of(claims))

    def _require_ours(self) -> None:
        """Raise ValueError unless discovery speaks for the issuer that we know, over TLS."""
        if self.openid_config["issuer"] != self.known["issuer"]:
            raise ValueError("another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            address = urlsplit(self.openid_config[name])
            if address.scheme != "https" and address.hostname not in LOCAL:
                raise ValueError(f"{name} is not over TLS")


def organisations() -> list[dict[str, str]]:
    """Return the organisations that people can sign in through, as id and name."""
    return [{"id": one["id"], "name": one["name"]} for one in settings.ORGANISATIONS]


def organisation(request: Any, key: str) -> Organisation | None:
    """Return the organisation called `key`, or None."""
    known = next((one for one in settings.ORGANISATIONS if one["id"] == key), None)
    return Organisation(request, known) if known else None


def factors_of(claims: dict[str, Any]) -> tuple[str, ...]:
    """Return how the organisation says it knew the person (RFC 8176), as the record has it."""
    amr = claims.get("amr")
    words = [one for one in amr if isinstance(one, str)] if isinstance(amr, list) else []
    told = [f"amr:{one}" for one in words[:MOST_CLAIMS]]
    if claims.get("acr"):
        told.append(f"acr:{claims['acr']}")
    return (FACTOR, *(one for one in told if CLAIM.match(one)))


def _key(header: dict[str, Any], keys: dict[str, Any]) -> Any:
    """Return the public key that the header names; raise KeyError if there is none."""
    kind = ALGORITHMS[header["alg"]]
    for one in keys["keys"]:
        if one.get("kid") == header["kid"] and one.get("kty") == kind:
            algorithm = jwt.algorithms.get_default_algorithms()[header["alg"]]
            return algorithm.from_jwk(json.dumps(one))
    raise KeyError(header["kid"])
