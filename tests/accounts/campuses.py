"""Stand-ins for what campuses run: an OpenID provider, a CAS server and a SAML identity provider."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4
from xml.sax.saxutils import escape

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from onelogin.saml2.utils import OneLogin_Saml2_Utils

TEMPLATE = Path(__file__).with_name("shibboleth.xml")  # a response as Shibboleth sends it


class Campus:
    """What a stand-in says of whoever signs in there; a test changes it."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signs_with = self.key
        self.sub, self.name, self.affiliations = "opaque-1", "王芳", ["faculty@eastsea.example"]
        self.changes: dict[str, Any] = {}  # of the token, to make it wrong
        self.userinfo: dict[str, Any] = {}
        self.tickets: dict[str, str] = {}
        self.asked: dict[str, dict[str, str]] = {}
        self.body: bytes | None = None
        self.address = ""

    # --- OpenID Connect ---

    def configuration(self) -> dict[str, Any]:
        places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return {
            "issuer": self.address,
            "jwks_uri": f"{self.address}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **{f"{name}_endpoint": f"{self.address}/{place}" for name, place in places.items()},
        }

    def said_at(self, path: str) -> dict[str, Any]:
        if path == "/userinfo":
            return {"sub": self.sub, "name": self.name, **self.userinfo}
        return {"/jwks": self.jwks, "/.well-known/openid-configuration": self.configuration}[path]()

    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]}

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        asked = self.asked[form["code"]]
        assert form["client_secret"] == "secret"
        assert form["redirect_uri"] == asked["redirect_uri"]
        proof = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert asked["code_challenge_method"] == "S256"
        assert asked["code_challenge"] == base64.urlsafe_b64encode(proof).decode().rstrip("=")
        now = int(time.time())
        claims = {"iss": self.address, "aud": "jishi", "sub": self.sub, "iat": now, "exp": now + 60, "jti": uuid4().hex}
        claims["nonce"] = asked["nonce"]
        claims |= {"eduperson_affiliation": self.affiliations, **self.changes}
        signed = jwt.encode(claims, self.signs_with, "RS256", headers={"kid": "1"})
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed}

    # --- CAS ---

    def validated(self, query: dict[str, str]) -> bytes:
        if self.body is not None:
            return self.body
        space = 'xmlns:cas="http://www.yale.edu/tp/cas"'
        if self.tickets.pop(query["ticket"], None) != query["service"]:
            failure = '<cas:authenticationFailure code="INVALID_TICKET"/>'
            return f"<cas:serviceResponse {space}>{failure}</cas:serviceResponse>".encode()
        told = "".join(
            f"<cas:eduPersonAffiliation>{escape(each)}</cas:eduPersonAffiliation>" for each in self.affiliations
        )
        inner = f"<cas:user>{self.sub}</cas:user><cas:attributes><cas:cn>{self.name}</cas:cn>{told}</cas:attributes>"
        success = f"<cas:authenticationSuccess>{inner}</cas:authenticationSuccess>"
        return f"<cas:serviceResponse {space}>{success}</cas:serviceResponse>".encode()

    # --- SAML ---

    def certificate(self, key: rsa.RSAPrivateKey | None = None) -> str:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(name, name, (key or self.key).public_key(), 1, now, now + timedelta(days=1))
        return made.sign(key or self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def assertion(self, *, to: str, audience: str, in_response_to: str, signed: bool = True, **changes: str) -> str:
        """A response as Shibboleth sends it, for the form that a browser posts."""
        now = datetime.now(UTC)
        about = {
            "issuer": "https://idp.example/idp", "audience": audience, "to": to,
            "sub": self.sub, "until": f"{now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}", **changes,
        }  # fmt: skip
        at = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        values = "".join(f"<saml:AttributeValue>{escape(each)}</saml:AttributeValue>" for each in self.affiliations)
        document = TEMPLATE.read_text().format(
            **about, at=at, values=values, in_response_to=in_response_to, unique=uuid4().hex
        )
        if signed:
            key = self.signs_with.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode()
            document = OneLogin_Saml2_Utils.add_sign(document, key, self.certificate(self.signs_with)).decode()
        return base64.b64encode(document.encode()).decode()


def only_values(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


class Answers(BaseHTTPRequestHandler):
    """Over HTTP; whose answers they are is said by a subclass."""

    campus: Campus

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = only_values(parts.query)
        if parts.path == "/authorize":
            code = uuid4().hex
            self.campus.asked[code] = query
            self.back_to(query["redirect_uri"], {"code": code, "state": query["state"]})
        elif parts.path == "/cas/login":
            ticket = f"ST-{uuid4().hex}"
            self.campus.tickets[ticket] = query["service"]
            self.back_to(query["service"], {"ticket": ticket})
        elif parts.path == "/cas/p3/serviceValidate":
            self.say(self.campus.validated(query), "application/xml")
        else:
            self.say(json.dumps(self.campus.said_at(parts.path)).encode(), "application/json")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.say(json.dumps(self.campus.token(only_values(body))).encode(), "application/json")

    def say(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def back_to(self, address: str, query: dict[str, str]) -> None:
        self.send_response(302)
        self.send_header("Location", f"{address}{'&' if '?' in address else '?'}{urlencode(query)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Nothing."""


@contextmanager
def standing_in() -> Iterator[Campus]:
    """A campus that answers over HTTP on this machine."""
    campus = Campus()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("AnswersOfOne", (Answers,), {"campus": campus}))
    campus.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield campus
    server.shutdown()
    server.server_close()
    thread.join()
