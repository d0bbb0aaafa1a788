"""What Authlib's server keeps: SQLAlchemy models made of the library's own mixins, and the people and clients to begin with."""

import json
import subprocess
import time
from pathlib import Path

from authlib.common.security import generate_token
from authlib.integrations.sqla_oauth2 import OAuth2AuthorizationCodeMixin, OAuth2ClientMixin, OAuth2TokenMixin
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, relationship, scoped_session, sessionmaker
from werkzeug.security import check_password_hash, generate_password_hash

SCOPES = ["openid", "profile", "mail:read", "mail:send"]

Base = declarative_base()
Session = scoped_session(sessionmaker())


class User(Base):
    __tablename__ = "user"
    id = Column(Integer, primary_key=True)
    name = Column(String(40), unique=True)
    sub = Column(String(40), unique=True, default=lambda: generate_token(24))
    password = Column(String(200))

    def get_user_id(self):
        return self.id

    def check_password(self, password):
        return check_password_hash(self.password, password)


class Client(Base, OAuth2ClientMixin):
    __tablename__ = "client"
    id = Column(Integer, primary_key=True)


class Code(Base, OAuth2AuthorizationCodeMixin):
    __tablename__ = "code"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer, ForeignKey("user.id"))


class Token(Base, OAuth2TokenMixin):
    __tablename__ = "token"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer, ForeignKey("user.id"))
    user = relationship("User")

    def get_user(self):
        return self.user

    def get_client(self):
        return Session.query(Client).filter_by(client_id=self.client_id).first()

    def is_refresh_token_active(self):
        return not self.is_revoked() and time.time() < self.issued_at + 14 * 86400


def clients():
    """The clients of clients.mjs, the same for every peer, and `token` alone for the implicit one."""
    code = "import('./clients.mjs').then(c => console.log(JSON.stringify({ ...c.basic, ...c.featured })))"
    said = subprocess.run(["node", "-e", code], cwd=Path(__file__).parent, check=True, capture_output=True, text=True)
    every = json.loads(said.stdout)
    every["implicit"]["response_types"].append("token")
    every["implicit"]["token_endpoint_auth_method"] = "none"  # the library wants that of implicit clients
    for role in ("attested", "ciba", "key"):  # kinds of clients that the library does not know
        del every[role]
    return every


def fill(url):
    """Makes the tables, the clients and two people. Gives back the people's passwords."""
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 20})
    Session.configure(bind=engine)
    Base.metadata.create_all(engine)
    for each in clients().values():
        client = Client(client_id=each["client_id"], client_secret=each.get("client_secret", ""))
        client.set_client_metadata({**each, "scope": " ".join(SCOPES)})
        Session.add(client)
    people = {"ada": "correct-horse-of-ada", "bob": "correct-horse-of-bob"}
    for name, password in people.items():
        Session.add(User(name=name, password=generate_password_hash(password)))
    Session.commit()
    Session.remove()
    return people
