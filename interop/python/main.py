"""Authlib, as PyPI gives it, against the quickstart server."""

import os
import sys
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "e2e/support"))

# Plain http is for loopback addresses; the library wants that said.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests  # noqa: E402
from authlib.common.security import generate_token  # noqa: E402
from authlib.integrations.base_client import OAuthError  # noqa: E402
from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from authlib.oauth2.rfc7523 import PrivateKeyJWT  # noqa: E402
from authlib.oidc.core import CodeIDToken  # noqa: E402
from authlib.oidc.discovery import OpenIDProviderMetadata  # noqa: E402
from joserfc import jwt  # noqa: E402
from joserfc.jwk import ECKey, KeySet, RSAKey  # noqa: E402

from browser import Browser  # noqa: E402
from report import Report, equal  # noqa: E402
from server import Quickstart  # noqa: E402

SCOPE = "openid mail:read mail:send"


class Peer:
    """A relying party as Authlib's documentation writes it."""

    def __init__(self, server, client, redirect_uri=None, **options):
        self.server, self.metadata = server, server.metadata
        self.redirect_uri = redirect_uri or next(iter(client.get("redirect_uris") or []), None)
        options.setdefault("client_secret", client.get("client_secret"))
        self.session = OAuth2Session(
            client["client_id"],
            redirect_uri=self.redirect_uri,
            scope=options.pop("scope", SCOPE),
            code_challenge_method="S256",
            token_endpoint=self.metadata["token_endpoint"],
            **options,
        )

    def sign_in(self, person, **extra):
        verifier, nonce = generate_token(48), generate_token()
        url, state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **extra
        )
        answer = person.allow(url, self.server.user, self.redirect_uri)
        # A browser keeps the fragment, empty as it is, to itself.
        landed = urldefrag(answer.location).url
        token = self.session.fetch_token(authorization_response=landed, state=state, code_verifier=verifier)
        return token, self.id_token(token, nonce)

    def id_token(self, token, nonce):
        keys = KeySet.import_key_set(requests.get(self.metadata["jwks_uri"]).json())
        decoded = jwt.decode(token["id_token"], keys, algorithms=self.metadata["id_token_signing_alg_values_supported"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"values": [self.metadata["issuer"]]}},
            {"nonce": nonce, "client_id": self.session.client_id, "access_token": token["access_token"]},
        )
        claims.validate(leeway=0)
        return claims


def refused(error, action):
    try:
        action()
    except OAuthError as answer:
        equal(answer.error, error, "error")
    else:
        raise AssertionError(f"not refused with {error}")


def key_client(server, key, **more):
    return server.add_client(
        client_name="Key",
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
        **more,
    )


def main():
    server = Quickstart()
    report, person = Report("Authlib against the quickstart server"), Browser()
    robot = Peer(server, server.clients["mail-robot"])
    api = Peer(server, server.clients["mail-api"])
    held = {}

    def discovery():
        document = OpenIDProviderMetadata(server.metadata)
        for key in document.REGISTRY_KEYS:
            # That all URLs are https cannot hold on a loopback address. RS256 is named only where there is a key for it
            # (DIVERGENCES.md, Discovery 3).
            if key in ("issuer", "id_token_signing_alg_values_supported") or key.endswith(("_endpoint", "_uri")):
                continue
            getattr(document, f"validate_{key}", lambda: None)()

    def code():
        held["token"], claims = robot.sign_in(person)
        equal(claims["aud"], robot.session.client_id, "aud")
        equal(held["token"]["scope"], SCOPE, "scope")
        held["sub"] = claims["sub"]

    def userinfo():
        equal(robot.session.get(server.metadata["userinfo_endpoint"]).json()["sub"], held["sub"], "sub")

    def resource():
        url = server.info["mailbox_url"].rstrip("/") + "/messages"
        equal(robot.session.get(url).status_code, 200, "status")

    def refresh():
        before = held["token"]["access_token"]
        held["token"] = robot.session.refresh_token()
        assert held["token"]["access_token"] != before, "the same access token"

    def introspect(token):
        answer = api.session.introspect_token(server.metadata["introspection_endpoint"], token=token)
        equal(answer.status_code, 200, "status")
        return answer.json()

    def introspection():
        answer = introspect(held["token"]["access_token"])
        equal((answer["active"], answer["client_id"]), (True, robot.session.client_id), "answer")

    def revocation():
        answer = robot.session.revoke_token(server.metadata["revocation_endpoint"], token=held["token"]["refresh_token"])
        equal(answer.status_code, 200, "status")
        equal(introspect(held["token"]["access_token"])["active"], False, "active")
        refused("invalid_grant", lambda: robot.session.refresh_token(refresh_token=held["token"]["refresh_token"]))

    def native():
        peer = Peer(server, server.clients["native-app"], "http://127.0.0.1:51004/callback")
        token, _ = peer.sign_in(person)
        token = peer.session.refresh_token()
        answer = peer.session.revoke_token(server.metadata["revocation_endpoint"], token=token["refresh_token"])
        equal(answer.status_code, 200, "status")

    def secret_post():
        client = server.add_client(
            client_name="Post",
            redirect_uris=["https://post.example/callback"],
            grant_types=["authorization_code", "refresh_token"],
            scope=SCOPE,
            token_endpoint_auth_method="client_secret_post",
        )
        Peer(server, client, token_endpoint_auth_method="client_secret_post").sign_in(person)

    def credentials():
        client = server.clients["batch-job"]
        peer = Peer(server, client, scope=client["scope"])
        token = peer.session.fetch_token(grant_type="client_credentials")
        assert "refresh_token" not in token, "a refresh token"

    def wrong_secret():
        peer = Peer(server, server.clients["batch-job"], client_secret="wrong")
        refused("invalid_client", lambda: peer.session.fetch_token(grant_type="client_credentials"))

    def key_credentials(alg, key):
        def check():
            scope = server.clients["batch-job"]["scope"]
            client = key_client(server, key, grant_types=["client_credentials"], scope=scope)
            peer = Peer(server, client, scope=scope, client_secret=key, token_endpoint_auth_method="private_key_jwt")
            # The audience is the issuer alone; the library's own choice is the token endpoint.
            peer.session.register_client_auth_method(PrivateKeyJWT(server.issuer, alg=alg))
            peer.session.fetch_token(grant_type="client_credentials")
            peer.session.register_client_auth_method(PrivateKeyJWT(alg=alg))
            refused("invalid_client", lambda: peer.session.fetch_token(grant_type="client_credentials"))

        return check

    def key_code():
        key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
        client = key_client(
            server,
            key,
            redirect_uris=["https://key.example/callback"],
            grant_types=["authorization_code", "refresh_token"],
            scope=SCOPE,
            danger_accept_endpoint_audience=True,
        )
        peer = Peer(server, client, client_secret=key, token_endpoint_auth_method="private_key_jwt")
        # The audience as it comes: the token endpoint, for clients that were switched to the older rule.
        peer.session.register_client_auth_method(PrivateKeyJWT(alg="ES256"))
        peer.sign_in(person)
        peer.session.register_client_auth_method(PrivateKeyJWT(alg="ES256"))
        peer.session.refresh_token()

    def same_page_as_others():
        # The answer names the server, and a client that talks to several compares it.
        url, _ = robot.session.create_authorization_url(
            server.metadata["authorization_endpoint"], code_verifier=generate_token(48), nonce="n"
        )
        answer = person.allow(url, server.user, robot.redirect_uri)
        equal(answer.query["iss"], server.issuer, "iss")
        equal(urlsplit(answer.location).fragment, "", "fragment")

    try:
        report.check("discovery", discovery)
        report.check("code with PKCE, state, nonce and a signed ID token (client_secret_basic)", code)
        report.check("userinfo", userinfo)
        report.check("a protected resource", resource)
        report.check("refresh", refresh)
        report.check("introspection", introspection)
        report.check("revocation ends the grant", revocation)
        report.check("a native client: loopback redirect on a port of the day, no secret", native)
        report.check("client_secret_post", secret_post)
        report.check("client credentials with a secret", credentials)
        report.check("client credentials with a wrong secret are refused", wrong_secret)
        ec = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
        rsa = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        report.check("client credentials with private_key_jwt (ES256)", key_credentials("ES256", ec))
        report.check("client credentials with private_key_jwt (RS256)", key_credentials("RS256", rsa))
        report.check("code flow with private_key_jwt for the token endpoint, where the client was switched to that", key_code)
        report.check("the answer names its issuer", same_page_as_others)
    finally:
        if report.failed:
            print("# the server's log ends:\n" + server.process.tail())
        server.stop()
    report.finish()


if __name__ == "__main__":
    main()
