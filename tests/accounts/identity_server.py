"""A small identity provider in a process of its own: OpenID Connect with a choice of lies.

python -m tests.accounts.identity_server PORT.  POST /will sets what the next sign-in says.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask, Response, jsonify, redirect, request

CLIENT, SECRET = "ledger", "a-secret-of-the-client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
app = Flask(__name__)
codes: dict[str, dict[str, Any]] = {}
will: dict[str, Any] = {}
asked: list[dict[str, str]] = []


def issuer() -> str:
    return str(app.config["ISSUER"])


@app.post("/will")
def set_will() -> Response:
    will.clear()
    will.update(request.get_json())
    return jsonify({})


@app.get("/asked")
def what_was_asked() -> Response:
    return jsonify(asked)


@app.get("/.well-known/openid-configuration")
def discovery() -> Response:
    base = issuer()
    return jsonify(
        {
            "issuer": will.get("discovered_issuer", base),
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
    )


@app.get("/keys")
def keys() -> Response:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
    return jsonify({"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]})


@app.get("/authorize")
def authorize() -> Any:
    """Show a button, as a person would see one; pressing it is the consent."""
    asked.append(dict(request.args))
    code = will.get("code") or secrets.token_urlsafe(16)
    codes[code] = dict(request.args)
    back = f"{request.args['redirect_uri']}?code={code}&state={request.args['state']}"
    if will.get("says_iss"):
        back += f"&iss={will['says_iss']}"
    if "straight" in will:
        return redirect(back)
    return f'<!doctype html><title>Hospital</title><a href="{back}">It is me</a>'


@app.post("/token")
def token() -> Any:
    """Exchange a code once, for who holds the secret and the verifier of its challenge."""
    told = request.form
    known = codes.pop(told["code"], None) if "reuse" not in will else codes.get(told["code"])
    if known is None or told["client_secret"] != SECRET:
        return jsonify({"error": "invalid_grant"}), 400
    digest = hashlib.sha256(told["code_verifier"].encode()).digest()
    if _text(digest) != known["code_challenge"]:
        return jsonify({"error": "invalid_grant"}), 400
    now = int(time.time())
    claims = {
        "iss": issuer(),
        "aud": CLIENT,
        "sub": "subject-1",
        "iat": now,
        "exp": now + 60,
        "nonce": known["nonce"],
        "amr": ["pwd", "otp", "mfa"],
        "acr": "urn:example:silver",
        "email": "jonas@example.org",
        "email_verified": True,
        **will.get("claims", {}),
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jsonify({"access_token": "x", "token_type": "Bearer", "id_token": _signed(claims)})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signed(claims: dict[str, Any]) -> str:
    how = will.get("signed", "RS256")
    head = {"kid": will.get("kid", "one")}
    if how == "none":
        return jwt.encode(claims, "", algorithm="none", headers=head)
    if how == "HS256":  # with the public key as the shared secret
        public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        said = ".".join(
            _text(json.dumps(part).encode()) for part in ({"alg": "HS256", **head}, claims)
        )
        return f"{said}.{_text(hmac.digest(public, said.encode(), 'sha256'))}"
    if how == "other key":
        return jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers=head)
    return jwt.encode(claims, KEY, algorithm="RS256", headers=head)


if __name__ == "__main__":
    port = int(sys.argv[1])
    app.config["ISSUER"] = f"http://localhost:{port}"
    app.run(host="127.0.0.1", port=port, threaded=True)
