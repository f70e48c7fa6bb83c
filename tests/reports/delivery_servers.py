"""A mail server and a receiver of webhooks on loopback, which answer as a test says and keep what they took."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

USER, PASSWORD = "funnel", "s3cret/pass@word"
TAKEN = "250 taken"
HANG_UP, TAKE_AND_HANG_UP = "hang up", "take and hang up"


@dataclass
class Post:
    """The handler of the mail server: `answers` to DATA are used up in order, `refused` are recipients."""

    answers: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    tls: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.answers.pop(0) if self.answers else TAKEN
        if answer in (TAKEN, TAKE_AND_HANG_UP):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            self.taken += [(to, mail) for to in envelope.rcpt_tos]
            self.tls.append(session.ssl is not None)
        if answer in (HANG_UP, TAKE_AND_HANG_UP):
            server.transport.abort()
        return answer

    def to(self) -> list[str]:
        return [to for to, _ in self.taken]

    def login(self, server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and data.login == USER.encode()
        good = good and data.password == PASSWORD.encode()
        self.logins.append("good" if good else "bad")
        return AuthResult(success=good, handled=bool(good))


@contextmanager
def mail_server(
    post: Post, *, context: ssl.SSLContext | None = None, login: bool = False, port: int = 0
) -> Iterator[int]:
    """Run a mail server; yield its port. With `context` it demands STARTTLS, with `login` a password too."""
    given: dict[str, Any] = {"tls_context": context, "require_starttls": context is not None}
    if login:
        given |= {"authenticator": post.login, "auth_required": True}
    server = Controller(post, hostname="127.0.0.1", port=port or free_port(), **given)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@dataclass
class Hook:
    """What a webhook took: path, headers and body of each request; `answers` are used up in order."""

    answers: list[int | str] = field(default_factory=list)
    taken: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)


@contextmanager
def web_server(hook: Hook, context: ssl.SSLContext) -> Iterator[int]:
    """Run a receiver of webhooks over TLS; yield its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.taken.append((self.path, dict(self.headers), json.loads(body)))
            answer = hook.answers.pop(0) if hook.answers else 200
            if answer == HANG_UP:
                self.close_connection = True
                return
            self.send_response(answer)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok" if answer == 200 else b"no")

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        def get_request(self):
            plain, address = super().get_request()
            return context.wrap_socket(plain, server_side=True), address

        def handle_error(self, request, client_address):
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def led_to_loopback(monkeypatch, host: str, port: int) -> None:
    """Let the name `host` lead to our receiver, whatever port is asked for."""
    given = socket.getaddrinfo

    def resolve(asked, at, *args, **kwargs):
        return given(*(("127.0.0.1", port) if asked == host else (asked, at)), *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def make_certificates(folder: Path, *names: str) -> tuple[Path, ssl.SSLContext]:
    """Return the file of an authority of our own, and a server's context for `names` that it vouches for."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "funnel test authority")])
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, is_root=True)
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    leaf = _certificate(leaf_name, root_name, key.public_key(), root_key, names=names)
    trusted, chain = folder / "authority.pem", folder / "server.pem"
    trusted.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(key.private_bytes(*form) + leaf.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return trusted, context


def _certificate(subject, issuer, public, signer, *, names=(), is_root=False):
    begun = datetime.now(UTC) - timedelta(days=1)
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(begun + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=is_root, crl_sign=is_root, **usage),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if names:
        built = built.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return built.sign(signer, hashes.SHA256())
