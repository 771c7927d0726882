"""Chains of certificates that a client has to refuse: what is wrong, and how to make it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.netcore.protocols import certificates as made_up
from tests.netcore.protocols.certificates import DAY, Made, make, patched, rsa_key

HOST: Final = "x.y.secure.example.com"
ADDRESS: Final = "127.0.0.1"


@dataclass(frozen=True)
class Chain:
    """What a server shows, its own first, and what the client is given as trust anchors."""

    leaf: Made
    above: Sequence[Made] = ()
    anchors: Sequence[Made] = ()


@dataclass(frozen=True)
class Case:
    """One reason to refuse. `versions` are those whose handshake such a key can sign."""

    title: str
    chain: Callable[[], Chain]
    code: str
    words: str
    host: str = HOST
    versions: Sequence[str] = field(default=("1.0", "1.2", "1.3"))


def dns(*names: str) -> list[x509.GeneralName]:
    return [x509.DNSName(name) for name in names]


def root(**more: object) -> Made:
    return make(None, "Root", ca=True, **more)  # type: ignore[arg-type]


def leaf(issuer: Made | None, *names: str, **more: object) -> Made:
    return make(issuer, HOST, dns(*(names or (HOST,))), **more)  # type: ignore[arg-type]


def under(issuer: Made | None = None, *names: str, **more: object) -> Chain:
    """A server's certificate right below a root that is trusted."""
    anchor = issuer or root()
    return Chain(leaf(anchor, *names, **more), (), [anchor])


def between(*, anchor: Made | None = None, **more: object) -> Chain:
    """A server's certificate below a certificate that is as asked for, below a trusted root."""
    top = anchor or root()
    middle = make(top, "Between", **({"ca": True} | more))  # type: ignore[arg-type]
    return Chain(leaf(middle), [middle], [top])


def sound() -> Chain:
    return between()


def named(*names: x509.GeneralName) -> Chain:
    anchor = root()
    return Chain(make(anchor, HOST, list(names)), (), [anchor])


def no_names(common_name: str) -> Chain:
    anchor = root()
    return Chain(make(anchor, common_name), (), [anchor])


def address_and_no_name() -> Chain:
    anchor = root()
    usage = [x509.DNSName(HOST), x509.IPAddress(ip_address("127.0.0.2"))]
    return Chain(make(anchor, HOST, usage), (), [anchor])


def address_in_names() -> Chain:
    """Sound, for an address."""
    return named(x509.IPAddress(ip_address(ADDRESS)))


def self_signed() -> Chain:
    return Chain(leaf(None), (), [root()])


def self_signed_in_chain() -> Chain:
    stranger = make(None, "Stranger", ca=True)
    return Chain(leaf(stranger), [stranger], [root()])


def unknown_issuer() -> Chain:
    return Chain(leaf(make(None, "Stranger", ca=True)), (), [root()])


def another_root_of_that_name() -> Chain:
    return Chain(leaf(root()), (), [root()])


def missing_intermediate() -> Chain:
    whole = between()
    return Chain(whole.leaf, (), whole.anchors)


def missing_intermediate_with_its_place() -> Chain:
    anchor = root()
    place = x509.AccessDescription(
        x509.oid.AuthorityInformationAccessOID.CA_ISSUERS,
        x509.UniformResourceIdentifier("http://ca.example.com/between.der"),
    )
    access = x509.AuthorityInformationAccess([place])
    return Chain(leaf(make(anchor, "Between", ca=True), more=[(access, False)]), (), [anchor])


def a_leaf_signs() -> Chain:
    """A certificate for a server, with its key, makes a certificate for another one."""
    anchor = root()
    other = make(anchor, "other.example.com", dns("other.example.com"))
    return Chain(leaf(other), [other], [anchor])


def without_basic_constraints() -> Chain:
    """keyCertSign is there, CA:TRUE is not."""
    return between(ca=False, usage=made_up.key_usage(sign=True))


def no_basic_constraints() -> Chain:
    """keyCertSign is there, and the other extension is not, which a root alone may lack."""
    whole = between()
    (middle,), (top,) = whole.above, whole.anchors
    constraints = bytes.fromhex("300f0603551d130101ff040530030101ff")
    unknown = bytes.fromhex("300f06062a0304050607040530030101ff")
    return Chain(whole.leaf, [patched(middle, top, constraints, unknown)], [top])


def of_netscape_for_clients() -> Chain:
    """Its netscape-cert-type is for TLS clients, which OpenSSL still minds."""
    kind = x509.ObjectIdentifier("2.16.840.1.113730.1.1")
    return under(more=[(x509.UnrecognizedExtension(kind, b"\x03\x02\x07\x80"), False)])


def without_key_cert_sign() -> Chain:
    return between(usage=made_up.key_usage(sign=False))


def path_too_long() -> Chain:
    anchor = root()
    upper = make(anchor, "Upper", ca=True, path_length=0)
    lower = make(upper, "Lower", ca=True)
    return Chain(leaf(lower), [lower, upper], [anchor])


def eleven_authorities() -> Chain:
    above = [root()]
    for number in range(11):
        above.insert(0, make(above[0], f"Authority {number}", ca=True))
    return Chain(leaf(above[0]), above[:-1], above[-1:])


def constrained(constraints: x509.NameConstraints, *names: x509.GeneralName) -> Chain:
    anchor = root()
    middle = make(anchor, "Between", ca=True, more=[(constraints, True)])
    return Chain(make(middle, HOST, list(names)), [middle], [anchor])


def dns_permitted_elsewhere() -> Chain:
    return constrained(x509.NameConstraints(dns("example.org"), None), *dns(HOST))


def dns_excluded() -> Chain:
    return constrained(x509.NameConstraints(None, dns("example.com")), *dns(HOST))


def address_excluded() -> Chain:
    excluded = x509.NameConstraints(None, [x509.IPAddress(ip_network("127.0.0.0/8"))])
    return constrained(excluded, x509.IPAddress(ip_address(ADDRESS)))


def client_only() -> Chain:
    return under(purpose=ExtendedKeyUsageOID.CLIENT_AUTH)


def authority_for_clients_only() -> Chain:
    return between(purpose=ExtendedKeyUsageOID.CLIENT_AUTH)


def weak_digest(digest: hashes.HashAlgorithm, algorithm: bytes) -> Chain:
    anchor = root(key=rsa_key(2048))
    return Chain(made_up.signed_over(digest, algorithm, leaf(anchor), anchor), (), [anchor])


def weak_digest_between(digest: hashes.HashAlgorithm, algorithm: bytes) -> Chain:
    anchor = root(key=rsa_key(2048))
    middle = made_up.signed_over(digest, algorithm, make(anchor, "Between", ca=True), anchor)
    return Chain(leaf(middle), [middle], [anchor])


def sha1() -> Chain:
    return weak_digest(hashes.SHA1(), made_up.SHA1_WITH_RSA)


def md5() -> Chain:
    return weak_digest(hashes.MD5(), made_up.MD5_WITH_RSA)


def sha1_between() -> Chain:
    return weak_digest_between(hashes.SHA1(), made_up.SHA1_WITH_RSA)


def short_rsa(bits: int) -> Chain:
    return under(key=rsa_key(bits))


def short_rsa_between() -> Chain:
    return between(key=rsa_key(1024))


def short_root() -> Chain:
    return under(root(key=rsa_key(1024)))


def weak_curve_between() -> Chain:
    return between(key=ec.generate_private_key(ec.SECP192R1()))


def expired_between() -> Chain:
    return between(ends=-DAY)


def expired_root() -> Chain:
    return under(root(ends=-DAY))


def unknown_critical() -> Chain:
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\5\0")
    return under(more=[(strange, True)])


def malformed_names() -> Chain:
    """A subjectAltName that is no DER, correctly signed."""
    kind = x509.oid.ExtensionOID.SUBJECT_ALTERNATIVE_NAME
    anchor = root()
    garbage = x509.UnrecognizedExtension(kind, b"\x30\x7f\x82")
    return Chain(make(anchor, HOST, more=[(garbage, False)]), (), [anchor])


def version_1() -> Chain:
    anchor = root()
    middle = made_up.version_1(make(anchor, "Between", ca=True), anchor)
    return Chain(leaf(middle), [middle], [anchor])


def nul_in_name() -> Chain:
    """What an authority that counts in C would have taken for a name of evil.example.org."""
    anchor = root()
    name = HOST + "!.evil.example.org"
    made = make(anchor, "", dns(name))
    patch = patched(made, anchor, name.encode(), name.replace("!", "\0").encode())
    return Chain(patch, (), [anchor])


def altered() -> Chain:
    """One octet of the name was changed behind the authority's back."""
    anchor = root()
    made = leaf(anchor, HOST.replace("x.y", "x.z"))
    return Chain(Made(made.key, made.der.replace(b"x.z.", b"x.y.")), (), [anchor])


def party_in_names(name: str) -> Chain:
    """The subjectAltName has a dNSName and an ediPartyName, which the parser does not take."""
    kind = x509.oid.ExtensionOID.SUBJECT_ALTERNATIVE_NAME
    party = b"\xa5\x07\xa1\x05\x0c\x03EDI"
    names = x509.UnrecognizedExtension(
        kind, made_up.element(0x30, made_up.element(0x82, name.encode()) + party)
    )
    anchor = root()
    return Chain(make(anchor, HOST, more=[(names, False)]), (), [anchor])


def in_latin_1(made: Made, issuer: Made, name: str) -> Made:
    """The same certificate; a name in it is a TeletexString of Latin-1, which OpenSSL takes."""
    old = made_up.element(0x0C, name.encode())
    return patched(made, issuer, old, made_up.element(0x14, name.encode()[:-1] + b"\xe9"))


def sound_in_latin_1() -> Chain:
    """To be taken: only OpenSSL can read the server's certificate."""
    whole = sound()
    return Chain(in_latin_1(whole.leaf, whole.above[0], HOST), whole.above, whole.anchors)


def issuer_in_latin_1() -> Chain:
    stranger = make(None, "Strange", ca=True)
    return Chain(in_latin_1(leaf(stranger), stranger, "Strange"), (), [root()])


def self_signed_in_latin_1() -> Chain:
    made = leaf(None)
    return Chain(in_latin_1(made, made, HOST), (), [root()])


def expired_in_latin_1() -> Chain:
    expired = between(ends=-DAY)
    (middle,), (top,) = expired.above, expired.anchors
    own = in_latin_1(expired.leaf, middle, "Between")
    return Chain(own, [in_latin_1(middle, top, "Between")], [top])


def party_as_place() -> Chain:
    """Its issuer's certificate can be had from a party of an EDI."""
    place = b"\x30\x13\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\xa5\x07\xa1\x05\x0c\x03EDI"
    kind = x509.oid.ExtensionOID.AUTHORITY_INFORMATION_ACCESS
    access = x509.UnrecognizedExtension(kind, made_up.element(0x30, place))
    return Chain(leaf(make(None, "Stranger", ca=True), more=[(access, False)]), (), [root()])


MISMATCH: Final = "tls.hostname_mismatch"
WEAK: Final = "tls.weak_certificate"
CASES: Final = [
    Case("expired", lambda: under(ends=-DAY), "tls.cert_expired", "expired on"),
    Case("not yet valid", lambda: under(begins=DAY), "tls.cert_not_yet_valid", "not valid before"),
    Case("intermediate expired", expired_between, "tls.cert_expired", "Certificate 2"),
    Case("anchor expired", expired_root, "tls.cert_expired", "Root"),
    Case("wrong host", lambda: under(None, "elsewhere.example.com"), MISMATCH, "elsewhere"),
    Case("wildcard too deep", lambda: under(None, "*.secure.example.com"), MISMATCH, "one label"),
    Case("partial wildcard", lambda: under(None, "x*.y.secure.example.com"), MISMATCH, "x*.y"),
    Case("wildcard inside", lambda: under(None, "x.*.secure.example.com"), MISMATCH, "x.*"),
    Case(
        "wildcard below a top-level name",
        lambda: under(None, "*.dev"),
        MISMATCH,
        "*.dev",
        host="secure.dev",
    ),
    Case("wildcard alone", lambda: under(None, "*"), MISMATCH, "*", host="secure.dev"),
    Case("name only in CN", lambda: no_names(HOST), MISMATCH, "no subjectAltName"),
    Case("no name at all", lambda: no_names(""), MISMATCH, "no subjectAltName"),
    Case("empty subjectAltName", lambda: named(), MISMATCH, "no name"),
    Case("address only in CN", lambda: no_names(ADDRESS), MISMATCH, "subjectAltName", host=ADDRESS),
    Case(
        "address as a DNS name", lambda: under(None, ADDRESS), MISMATCH, "iPAddress", host=ADDRESS
    ),
    Case("another address", address_and_no_name, MISMATCH, "127.0.0.2", host=ADDRESS),
    Case("NUL in the name", nul_in_name, MISMATCH, "\\x00"),
    Case("self-signed", self_signed, "tls.self_signed", "self-signed"),
    Case("self-signed in the chain", self_signed_in_chain, "tls.unknown_ca", "Stranger"),
    Case("unknown authority", unknown_issuer, "tls.unknown_ca", "Stranger"),
    Case("authority of the same name", another_root_of_that_name, "tls.unknown_ca", "Root"),
    Case("missing intermediate", missing_intermediate, "tls.unknown_ca", "Between"),
    Case(
        "missing intermediate that can be had",
        missing_intermediate_with_its_place,
        "tls.incomplete_chain",
        "http://ca.example.com/between.der",
    ),
    Case("altered", altered, "tls.chain", "signature"),
    Case("a leaf as authority", a_leaf_signs, "tls.chain", "keyCertSign"),
    Case("not CA:TRUE", without_basic_constraints, "tls.chain", "basicConstraints"),
    Case("no basicConstraints", no_basic_constraints, "tls.chain", "basicConstraints"),
    Case("no keyCertSign", without_key_cert_sign, "tls.chain", "keyCertSign"),
    Case("version 1 authority", version_1, "tls.chain", "basicConstraints"),
    Case("eleven authorities", eleven_authorities, "tls.chain_too_long", "12 certificates"),
    Case("path length exceeded", path_too_long, "tls.chain", "pathLenConstraint"),
    Case("DNS name not permitted", dns_permitted_elsewhere, "tls.chain", "nameConstraints"),
    Case("DNS name excluded", dns_excluded, "tls.chain", "nameConstraints"),
    Case("address excluded", address_excluded, "tls.chain", "nameConstraints", host=ADDRESS),
    Case("clientAuth only", client_only, "tls.chain", "is clientAuth, and serverAuth"),
    Case("authority for clientAuth", authority_for_clients_only, "tls.chain", "serverAuth"),
    Case("unknown critical extension", unknown_critical, "tls.chain", "critical"),
    Case("SHA-1", sha1, WEAK, "SHA-1"),
    Case("SHA-1 on the intermediate", sha1_between, WEAK, "Certificate 2"),
    Case("MD5", md5, WEAK, "MD5"),
    Case("RSA of 1,024 bits", lambda: short_rsa(1024), WEAK, "1024 bits"),
    Case("RSA of 512 bits", lambda: short_rsa(512), WEAK, "512 bits", versions=("1.0", "1.2")),
    Case("intermediate of 1,024 bits", short_rsa_between, WEAK, "Certificate 2"),
    Case("anchor of 1,024 bits", short_root, WEAK, "1024 bits"),
    Case("P-192 in the intermediate", weak_curve_between, WEAK, "192 bits"),
]
