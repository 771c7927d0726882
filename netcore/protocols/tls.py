"""TLS as a client speaks it, by the ssl module, without any I/O (RFC 8446, RFC 5246).

Theory of operation. OpenSSL reads and writes memory. `start` begins the handshake; ciphertext from
the server goes into `receive`, cut anywhere, which gives back the plaintext that it completed;
`data_to_send` is what has to go to the server now. It must be asked for after every step, also
after one that failed: OpenSSL has then written the alert that says why. `receive(b"")` is the end
of the stream.

Secrets come out of OpenSSL as lines of a key log, in a file without a name that `new_secrets`
reads after each step. On the way in, record headers are walked (five octets each), for two
questions that OpenSSL does not answer: whether the stream ended inside a record, and how much a
server has sent since the last plaintext, so that one that sends nothing but tickets is stopped.
"""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import tempfile
from pathlib import Path
from typing import Any, Final

from netcore.errors import FetchError
from netcore.protocols.tls_failure import (
    explain_failure,
    explain_refused_certificate,
    too_many_certificates,
)
from netcore.protocols.tls_records import RecordWalk
from netcore.registries.tls import CIPHER_SUITES

ALPN: Final = ("http/1.1",)
_READ: Final = 16_384
_CERTIFICATES: Final = 10
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.[0-9]+")
_PLACES: Final = ("/etc/ssl/certs", "/etc/pki/tls/certs")
_DER: Final = 2  # _ssl.ENCODING_DER


class Tls:
    """One TLS connection.

    In: `name`, the host name or address that the certificate has to hold; `verify`, whether a
    certificate that cannot be verified ends the handshake; `cacert`, a PEM file with the only
    trust anchors, "" for the system's.
    Raises: FetchError tls.error if `cacert` cannot be used.
    """

    def __init__(self, name: str, *, verify: bool = True, cacert: str = "") -> None:
        self.established = False
        self.failure: FetchError | None = None  # what ended it, behind the last plaintext
        self.ended = ""  # how the stream ended: "", "close_notify", "cut" or "cut inside a record"
        self._name = name
        self._keys = _KeyLog()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._walk = RecordWalk()
        try:
            self._context = _context(verify, cacert, self._keys)
            self._object = self._context.wrap_bio(
                self._incoming, self._outgoing, server_hostname=name
            )
        except (ValueError, OSError) as error:
            self._keys.close()
            if isinstance(error, ValueError):
                raise FetchError(
                    "guard.bad_host", f"{name} is no name for TLS: {error}."
                ) from error
            raise FetchError("tls.error", f"{cacert} holds no usable certificate.") from error

    def start(self) -> None:
        """Write the ClientHello."""
        self._handshake()

    def receive(self, data: bytes) -> list[bytes]:
        """Take ciphertext, b"" for the end of the stream.

        Out: the plaintext that is complete now; `established`, `ended` and `failure` may have
        changed.
        Raises: FetchError with a code of tls or guard.
        """
        if data:
            self._walk.take(data)
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        if not self.established:
            self._handshake()
            if not self.established:
                return []
        plaintext = self._read()
        if plaintext:
            self._walk.plaintext()
        self._walk.check(self.established)
        return plaintext

    def write(self, data: bytes) -> int:
        """Encrypt the first octets of `data`. Out: how many they were."""
        try:
            return self._object.write(data)
        except ssl.SSLError as error:
            raise self._failure(error) from error

    def data_to_send(self) -> bytes:
        """Ciphertext for the server."""
        return self._outgoing.read()

    def close(self) -> None:
        """Write close_notify."""
        if self.established:
            # It waits for the server's in vain, or the connection has failed: we leave anyway.
            with contextlib.suppress(ssl.SSLError):
                self._object.unwrap()

    def release(self) -> None:
        """Give the key log back to the kernel: our descriptor and OpenSSL's."""
        self._context.keylog_filename = None  # type: ignore[assignment]
        self._keys.close()
        self.failure = None  # its traceback leads back here, and OpenSSL has the file open too

    def new_secrets(self) -> list[str]:
        """Lines of the key log that were not given out before."""
        return self._keys.new_lines()

    @property
    def version(self) -> str:
        """The version that was agreed on: "TLS 1.3"."""
        return (self._object.version() or "").replace("TLSv", "TLS ")

    @property
    def cipher_suite(self) -> tuple[str, int]:
        """The cipher suite by its registered name, and the bits of its key."""
        cipher = self._object.cipher()
        if cipher is None:
            return "", 0
        # OpenSSL has names of its own for the suites of TLS 1.2; the number leads to IANA's.
        numbers = {each["name"]: each["id"] & 0xFFFF for each in self._context.get_ciphers()}
        return CIPHER_SUITES.get(numbers.get(cipher[0], 0), cipher[0]), cipher[2]

    @property
    def alpn(self) -> str:
        """The application protocol that the server chose, "" if it did not answer."""
        return self._object.selected_alpn_protocol() or ""

    @property
    def certificates(self) -> list[bytes]:
        """The chain as the server sent it, in DER, the server's own first."""
        public = getattr(self._object, "get_unverified_chain", None)
        if public is not None:  # Python 3.13 and later
            return list(public() or [])
        chain: list[Any] = self._object._sslobj.get_unverified_chain() or []  # type: ignore[attr-defined]
        return [each.public_bytes(_DER) for each in chain]

    def _handshake(self) -> None:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            self._walk.check(established=False)
            return
        except ssl.SSLCertVerificationError as error:
            raise explain_refused_certificate(
                error.verify_code, error.verify_message, self.certificates, self._name
            ) from error
        except ssl.SSLError as error:
            raise self._failure(error) from error
        self._walk.plaintext()
        self.established = True
        if len(self.certificates) > _CERTIFICATES:
            raise too_many_certificates(len(self.certificates), _CERTIFICATES)
        if self.alpn and self.alpn not in ALPN:
            raise FetchError(
                "tls.bad_alpn", f"The server chose {self.alpn!r}, which was not offered."
            )

    def _read(self) -> list[bytes]:
        parts: list[bytes] = []
        while not self.ended:
            try:
                data = self._object.read(_READ)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                self.ended = "close_notify"
                break
            except ssl.SSLError as error:
                if not _is_end(error):
                    self.failure = self._failure(error)
                    break
                self.ended = "cut inside a record" if self._walk.inside else "cut"
                break
            if not data:
                self.ended = "close_notify"
                break
            parts.append(data)
        return parts

    def _failure(self, error: ssl.SSLError) -> FetchError:
        reason = "UNEXPECTED_EOF" if _is_end(error) else error.reason or ""
        return explain_failure(reason, self._walk.beginning, self._walk.octets, self._walk.alert)


def _is_end(error: ssl.SSLError) -> bool:
    return isinstance(error, ssl.SSLEOFError) or "UNEXPECTED_EOF" in (error.reason or "")


def _context(verify: bool, cacert: str, keys: _KeyLog) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(list(ALPN))
    context.keylog_filename = keys.path
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif cacert:
        # Each certificate of the file is an anchor, also one that is not a root, as with curl.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cafile=cacert)
    else:
        _load_system_anchors(context)
    return context


def _load_system_anchors(context: ssl.SSLContext) -> None:
    """The system's trust anchors, from a hashed directory if possible.

    Such a directory is read one certificate at a time, when it is needed; a bundle of 144 is read
    whole, which takes about 35 ms. SSL_CERT_FILE and SSL_CERT_DIR replace the defaults, as with
    OpenSSL's own programs.
    """
    file, directory = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or directory:
        if directory and _is_hashed(directory) and _is_bundle_of(file, directory):
            file = None
        _load(context, file, directory)
        return
    defaults = ssl.get_default_verify_paths()
    places = (defaults.openssl_capath, *_PLACES)
    hashed = next((each for each in places if _is_hashed(each)), None)
    if hashed is not None:
        context.load_verify_locations(capath=hashed)
    else:
        context.set_default_verify_paths()


def _load(context: ssl.SSLContext, file: str | None, directory: str | None) -> None:
    try:
        context.load_verify_locations(cafile=file, capath=directory)
    except OSError:
        # OpenSSL passes over what is not there; the handshake then finds no anchor and says so.
        context.set_default_verify_paths()


def _is_bundle_of(file: str | None, directory: str) -> bool:
    """Whether the file is the bundle that Debian's update-ca-certificates makes of a directory."""
    return not file or Path(file) == Path(directory) / "ca-certificates.crt"


def _is_hashed(directory: str) -> bool:
    try:
        with os.scandir(directory) as entries:
            return any(_HASHED.fullmatch(entry.name) for entry in entries)
    except OSError:
        return False


class _KeyLog:
    """A file without a name that OpenSSL appends secrets to, readable by this process alone."""

    def __init__(self) -> None:
        self._offset = 0
        self._rest = b""
        if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
            self._file = os.memfd_create("keylog")
            os.fchmod(self._file, 0o600)  # a memfd begins with 0777
            self.path = f"/proc/self/fd/{self._file}"
            self._remove = False
        else:
            self._file, self.path = tempfile.mkstemp(prefix="wiretale-keylog-")
            self._remove = True

    def new_lines(self) -> list[str]:
        """The complete lines that were appended since the last call, without comments."""
        if self._file < 0:
            return []
        lines: list[bytes] = []
        while data := os.pread(self._file, 65_536, self._offset):
            self._offset += len(data)
            *whole, self._rest = (self._rest + data).split(b"\n")
            lines += whole
        return [line.decode("ascii") for line in lines if line and not line.startswith(b"#")]

    def close(self) -> None:
        """Close the file, and remove it where it has a name."""
        if self._file < 0:
            return
        os.close(self._file)
        self._file = -1
        if self._remove:
            Path(self.path).unlink(missing_ok=True)
