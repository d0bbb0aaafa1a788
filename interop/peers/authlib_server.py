"""Authlib's authorization server, put together in the way its documentation describes, for the probe.

    .venv/bin/python authlib_server.py [--port N]

Grants: authorization code (PKCE asked of public clients), refresh, client credentials, password, implicit, OpenID hybrid,
device code. Endpoints: revocation, introspection, userinfo. Everything is kept in a temporary SQLite file.
Prints one line of JSON when it is ready.
"""

import argparse
import json
import logging
import tempfile
import time

import flask.cli
from authlib.common.security import generate_token
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.integrations.sqla_oauth2 import (
    create_bearer_token_validator,
    create_query_client_func,
    create_query_token_func,
    create_revocation_endpoint,
    create_save_token_func,
)
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialDict
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import UserInfo, UserInfoEndpoint
from authlib.oidc.core.errors import ConsentRequiredError
from authlib.oidc.core.grants import OpenIDCode, OpenIDHybridGrant, OpenIDImplicitGrant
from flask import Flask, jsonify, redirect, request, session
from joserfc.jwk import KeySet, RSAKey
from markupsafe import escape

from authlib_store import SCOPES, Client, Code, Session, Token, User, clients, fill

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

arguments = argparse.ArgumentParser()
arguments.add_argument("--port", type=int, default=9403)
PORT = arguments.parse_args().port
ISSUER = f"http://127.0.0.1:{PORT}"
KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "authlib"})

app = Flask(__name__)
app.config.update(
    SECRET_KEY=generate_token(48),
    SESSION_COOKIE_SAMESITE="Lax",
    OAUTH2_REFRESH_TOKEN_GENERATOR=True,
    OAUTH2_SCOPES_SUPPORTED=SCOPES,
)


@app.teardown_appcontext
def give_back(_error):
    Session.remove()


def user_info(user, scope):
    info = UserInfo(sub=user.sub)
    if "profile" in (scope or ""):
        info["name"] = user.name
    return info


class OpenID:
    """What every grant with an ID token needs to know."""

    def resolve_client_private_key(self, client):
        return KEY

    def get_client_claims(self, client):
        return {"iss": ISSUER, "aud": [client.get_client_id()]}

    def get_encode_header(self, client):
        return {"alg": "RS256", "kid": "authlib"}

    def get_client_algorithm(self, client):
        return "RS256"

    def exists_nonce(self, nonce, request):
        return Session.query(Code).filter_by(client_id=request.payload.client_id, nonce=nonce).first() is not None

    def generate_user_info(self, user, scope):
        return user_info(user, scope)


class OpenIDCodeFlow(OpenID, OpenIDCode):
    pass


def save_code(code, asked):
    Session.add(Code(
        code=code,
        client_id=asked.client.client_id,
        redirect_uri=asked.payload.redirect_uri,
        scope=asked.payload.scope,
        user_id=asked.user.id,
        nonce=asked.payload.data.get("nonce"),
        code_challenge=asked.payload.data.get("code_challenge"),
        code_challenge_method=asked.payload.data.get("code_challenge_method"),
    ))
    Session.commit()


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def save_authorization_code(self, code, request):
        save_code(code, request)

    def query_authorization_code(self, code, client):
        found = Session.query(Code).filter_by(code=code, client_id=client.client_id).first()
        return found if found and not found.is_expired() else None

    def delete_authorization_code(self, authorization_code):
        Session.delete(authorization_code)
        Session.commit()

    def authenticate_user(self, authorization_code):
        return Session.get(User, authorization_code.user_id)


class ImplicitFlow(OpenID, OpenIDImplicitGrant):
    pass


class HybridFlow(OpenID, OpenIDHybridGrant):
    def save_authorization_code(self, code, request):
        save_code(code, request)


class PasswordGrant(grants.ResourceOwnerPasswordCredentialsGrant):
    def authenticate_user(self, username, password):
        user = Session.query(User).filter_by(name=username).first()
        return user if user and user.check_password(password) else None


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        found = Session.query(Token).filter_by(refresh_token=refresh_token).first()
        return found if found and found.is_refresh_token_active() else None

    def authenticate_user(self, credential):
        return Session.get(User, credential.user_id)

    def revoke_old_credential(self, credential):
        credential.access_token_revoked_at = credential.refresh_token_revoked_at = int(time.time())
        Session.commit()


#: Requests of devices by device code, and what people said by user code. Gone when the server stops.
waiting, answered, last_poll = {}, {}, {}


class StartDevice(DeviceAuthorizationEndpoint):
    def get_verification_uri(self):
        return f"{ISSUER}/device"

    def save_device_credential(self, client_id, scope, data):
        until = time.time() + data["expires_in"]
        waiting[data["device_code"]] = DeviceCredentialDict(data, client_id=client_id, scope=scope, expires_at=until)


class DeviceGrant(DeviceCodeGrant):
    def query_device_credential(self, device_code):
        return waiting.get(device_code)

    def query_user_grant(self, user_code):
        if user_code not in answered:
            return None
        user_id, allowed = answered[user_code]
        return Session.get(User, user_id), allowed

    def should_slow_down(self, credential):
        before, now = last_poll.get(credential["device_code"], 0), time.time()
        last_poll[credential["device_code"]] = now
        return now - before < credential["interval"]


class Introspection(IntrospectionEndpoint):
    def query_token(self, token_string, token_type_hint):
        return create_query_token_func(Session, Token)(token_string, token_type_hint)

    def check_permission(self, token, client, request):
        return True

    def introspect_token(self, token):
        return {
            "active": not token.is_revoked() and not token.is_expired(),
            "client_id": token.client_id,
            "scope": token.scope,
            "exp": token.issued_at + token.expires_in,
            "iss": ISSUER,
        }


class OwnUserInfo(UserInfoEndpoint):
    def get_issuer(self):
        return ISSUER

    def generate_user_info(self, user, scope):
        return user_info(user, scope)

    def resolve_private_key(self):
        return KEY


class OwnIssuer(IssuerParameter):
    def get_issuer(self):
        return ISSUER


server = AuthorizationServer(app, create_query_client_func(Session, Client), create_save_token_func(Session, Token))
server.register_grant(CodeGrant, [CodeChallenge(required=True), OpenIDCodeFlow(require_nonce=False)])
server.register_grant(HybridFlow)
server.register_grant(ImplicitFlow)
server.register_grant(grants.ImplicitGrant)
server.register_grant(grants.ClientCredentialsGrant)
server.register_grant(PasswordGrant)
server.register_grant(RefreshGrant, [OpenIDCodeFlow()])
server.register_grant(DeviceGrant)
server.register_endpoint(create_revocation_endpoint(Session, Token))
server.register_endpoint(Introspection)
server.register_endpoint(StartDevice)
server.register_extension(OwnIssuer())
protector = ResourceProtector()
protector.register_token_validator(create_bearer_token_validator(Session, Token)())
server.register_endpoint(OwnUserInfo(resource_protector=protector))


def page(title, inner):
    return f"<!doctype html><title>{title}</title><h1>{title}</h1><form method=post>{inner}</form>"


def signed_in():
    return Session.get(User, session["user"]) if "user" in session else None


def form_token():
    return session.setdefault("form", generate_token(32))


def from_our_form():
    return request.form.get("form") == session.get("form", "")


@app.route("/sign-in", methods=["GET", "POST"])
def sign_in():
    said = ""
    if request.method == "POST" and from_our_form():
        user = Session.query(User).filter_by(name=request.form.get("username")).first()
        if user and user.check_password(request.form.get("password", "")):
            onward = session.pop("onward", "/")
            session.clear()
            session["user"], session["signed_in_for"] = user.id, onward
            return redirect(onward, 303)
        said = "<p>Name or password is wrong</p>"
    return page("Sign in", f'{said}<input type=hidden name=form value="{form_token()}">'
                           "<input name=username><input type=password name=password><button>Sign in</button>")


@app.route("/authorize", methods=["GET", "POST"])
def authorize():
    user = signed_in()
    try:
        grant = server.get_consent_grant(end_user=user)
    except OAuth2Error as error:
        return server.handle_error_response(server.create_oauth2_request(None), error)
    if "none" in request.values.get("prompt", "").split():
        error = ConsentRequiredError(redirect_uri=grant.request.payload.redirect_uri)
        error.state = grant.request.payload.state
        return server.handle_error_response(grant.request, error)
    if user is None or (grant.prompt == "login" and session.get("signed_in_for") != request.full_path):
        session["onward"] = request.full_path
        return redirect("/sign-in", 303)
    if request.method == "POST" and from_our_form():
        allowed = user if request.form.get("answer") == "allow" else None
        session.pop("signed_in_for", None)
        return server.create_authorization_response(grant=grant, grant_user=allowed)
    who = escape(grant.client.client_name)
    return page("Allow", f'<p>{who} asks for {escape(grant.request.payload.scope or "nothing")}</p>'
                         f'<input type=hidden name=form value="{form_token()}">'
                         "<button name=answer value=allow>Allow</button><button name=answer value=deny>Deny</button>")


@app.route("/device", methods=["GET", "POST"])
def device():
    user = signed_in()
    if user is None:
        session["onward"] = request.full_path
        return redirect("/sign-in", 303)
    code = request.values.get("user_code", "")
    asked = next((each for each in waiting.values() if each["user_code"] == code and not each.is_expired()), None)
    if asked and request.method == "POST" and from_our_form() and "answer" in request.form:
        answered[code] = (user.id, request.form["answer"] == "allow")
        return page("Done", "<p>You may go back to your device</p>")
    hidden = f'<input type=hidden name=form value="{form_token()}">'
    if asked is None:
        said = "<p>No device waits with this code</p>" if code else ""
        return page("Device", f"{said}{hidden}<input name=user_code><button>Continue</button>")
    who = Session.query(Client).filter_by(client_id=asked["client_id"]).first().client_name
    return page("Device", f"<p>Is this code on the device before you? <b>{code}</b></p><p>{escape(who)} asks for "
                          f'{escape(asked.get("scope") or "nothing")}</p>{hidden}<input type=hidden name=user_code value="{code}">'
                          "<button name=answer value=allow>Allow</button><button name=answer value=deny>Deny</button>")


@app.post("/token")
def token():
    return server.create_token_response()


@app.post("/revoke")
def revoke():
    return server.create_endpoint_response("revocation")


@app.post("/introspect")
def introspect():
    return server.create_endpoint_response("introspection")


@app.post("/device/start")
def start_device():
    return server.create_endpoint_response("device_authorization")


@app.route("/userinfo", methods=["GET", "POST"])
def userinfo():
    return server.create_endpoint_response("userinfo")


@app.get("/jwks")
def jwks():
    return jsonify(KeySet([KEY]).as_dict(private=False))


@app.get("/.well-known/openid-configuration")
@app.get("/.well-known/oauth-authorization-server")
def metadata():
    return jsonify(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        revocation_endpoint=f"{ISSUER}/revoke",
        introspection_endpoint=f"{ISSUER}/introspect",
        device_authorization_endpoint=f"{ISSUER}/device/start",
        userinfo_endpoint=f"{ISSUER}/userinfo",
        jwks_uri=f"{ISSUER}/jwks",
        scopes_supported=SCOPES,
        response_types_supported=["code", "token", "id_token", "id_token token", "code id_token", "code token",
                                  "code id_token token"],
        grant_types_supported=["authorization_code", "refresh_token", "client_credentials", "password", "implicit", DEVICE],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post", "none"],
        code_challenge_methods_supported=["S256", "plain"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        authorization_response_iss_parameter_supported=True,
    )


if __name__ == "__main__":
    flask.cli.show_server_banner = lambda *_: None  # stdout carries one line of JSON
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        users = fill(f"sqlite:///{folder}/authlib.db")
        print(json.dumps({"ready": True, "issuer": ISSUER, "clients": clients(), "users": users}), flush=True)
        app.run("127.0.0.1", PORT, threaded=True)
