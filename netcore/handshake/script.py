"""A key schedule as a Python program that stands alone: from what was recorded to an opened record.

It needs the standard library, and `cryptography` for the cipher of the last step. Only our own
words and hexadecimal digits get into it; octets from the wire never become code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap

from netcore.handshake.steps import (
    AEAD_DECRYPT,
    CBC_DECRYPT,
    CONCATENATE,
    DERIVE,
    DERIVED,
    EXPAND,
    EXTRACT,
    HASH,
    HMAC,
    NOT_KNOWN,
    PRF,
    SLICE,
    TRANSCRIPT_HASH,
    XOR,
    Input,
    KeySchedule,
    Step,
    messages_in,
)

SHOWN_OCTETS = 64  # of the opened record
_INLINE = 16  # octets that stand in a line; longer ones get a name
_COLUMNS = 88

_HEAD = '''"""The keys of one TLS connection, computed again from what was recorded of it.

{about}
It holds secrets of that connection and opens a record of it: pass it on as you would
pass on the passwords in it. Run it with: python -I {name}
"""

import hashlib
import hmac
{constant}'''
_HELPERS: Mapping[str, str] = {
    EXTRACT: """
def hkdf_extract(salt, ikm):  # RFC 5869, 2.2
    return hmac.digest(salt, ikm, HASH)
""",
    EXPAND: """
def hkdf_expand_label(secret, label, context, length):  # RFC 8446, 7.1
    name = b"tls13 " + label.encode()
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name
    info += bytes([len(context)]) + context
    output, block, counter = b"", b"", 1
    while len(output) < length:  # RFC 5869, 2.3
        block = hmac.digest(secret, block + info + bytes([counter]), HASH)
        output, counter = output + block, counter + 1
    return output[:length]
""",
    DERIVE: """
def derive_secret(secret, label, transcript_hash):  # RFC 8446, 7.1
    return hkdf_expand_label(secret, label, transcript_hash, len(transcript_hash))
""",
    TRANSCRIPT_HASH: """
def transcript_hash(messages):  # RFC 8446, 4.4.1
    return hashlib.new(HASH, messages).digest()
""",
    HASH: """
def handshake_hash(messages):  # RFC 5246, 7.4.9
    return hashlib.new(HASH, messages).digest()
""",
    PRF: """
def p_hash(secret, seed, length, digest):  # RFC 5246, 5
    output, a = b"", seed
    while len(output) < length:
        a = hmac.digest(secret, a, digest)
        output += hmac.digest(secret, a + seed, digest)
    return output[:length]


def prf(secret, label, seed, length):
    return p_hash(secret, label.encode() + seed, length, HASH)
""",
    XOR: """
def xor(iv, number):
    return (int.from_bytes(iv, "big") ^ number).to_bytes(len(iv), "big")
""",
    CBC_DECRYPT: """
def cbc_decrypt(key, iv, ciphertext):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(ciphertext) + decryptor.finalize()
""",
}
_OLDER_HELPERS: Mapping[str, str] = {  # RFC 2246: MD5 and SHA-1 together
    HASH: """
def handshake_hash(messages):  # RFC 2246, 7.4.9
    return hashlib.md5(messages).digest() + hashlib.sha1(messages).digest()
""",
    PRF: """
def p_hash(secret, seed, length, digest):  # RFC 2246, 5
    output, a = b"", seed
    while len(output) < length:
        a = hmac.digest(secret, a, digest)
        output += hmac.digest(secret, a + seed, digest)
    return output[:length]


def prf(secret, label, seed, length):
    half, seed = (len(secret) + 1) // 2, label.encode() + seed
    md5 = p_hash(secret[:half], seed, length, "md5")
    sha1 = p_hash(secret[-half:], seed, length, "sha1")
    return bytes(a ^ b for a, b in zip(md5, sha1))
""",
}
_TITLES: Mapping[str, str] = {
    "early": "Before the hellos",
    "agreement": "From the key exchange to the master secret",
    "handshake": "From the key exchange to the keys of the handshake",
    "keys": "From the master secret to the keys",
    "authentication": "Who has the keys, and whether both sides heard the same",
    "application": "The keys of the application data",
    "later": "What comes of it later",
    "record": "A record, opened",
}
_AEADS = {"GCM": "AESGCM({key})", "CCM": "AESCCM({key})", "CCM_8": "AESCCM({key}, tag_length=8)"}


def script(schedule: KeySchedule, about: str = "", name: str = "keys.py") -> str:
    """The program. It asserts what was recorded or received and prints the record's beginning.

    Args:
        schedule: with steps, at least one.
        about: a sentence on the connection, in our own words.
        name: of the file.
    """
    steps = schedule.steps
    digest = steps[0].digest  # which is that of the schedule
    constant = f'\nHASH = "{digest}"\n\n' if digest else "\n"
    parts = [_HEAD.format(about=about, name=name, constant=constant), _helpers(steps)]
    parts.append("\n# What was recorded\n\n")
    used = [each for each in messages_in(_computed(steps)) if _is_named(each)]
    parts += [f"{each.name} = {_literal(each.value)}\n" for each in used]
    stage = ""
    for step in steps:
        if step.stage != stage:
            stage = step.stage
            parts.append(f"\n# {_TITLES[stage]}\n")
        parts.append(f"\n# {step.spec}\n{lines_of(step)}\n")
    parts.append(f"\n{_last_line(steps)}\n")
    return "".join(parts)


def lines_of(step: Step) -> str:
    """The lines of one step; what they use is defined by the lines of the steps before."""
    if step.certainty == NOT_KNOWN:
        return _comment(f"{step.name}: not known, {step.reason}.")
    if step.certainty != DERIVED:
        where = f"from the key log: {step.label}" if step.label else "given"
        return f"# {where}\n{step.name} = {_literal(step.output)}"
    lines = _folded(f"{step.name} = {_EXPRESSIONS[step.function](step)}")
    if step.function == HMAC and len(step.inputs) > 2:
        data = _folded(f"{step.name}_data = {_joined(step.inputs[1:])}")
        lines = f"{data}\n{step.name} = {_EXPRESSIONS[HMAC](step)}"
    if step.function == AEAD_DECRYPT:
        aead = lines.partition(" = ")[2].partition("(")[0]
        lines = f"from cryptography.hazmat.primitives.ciphers.aead import {aead}\n\n{lines}"
    return f"{lines}\n{_assertion(step)}" if step.expected is not None else lines


def _assertion(step: Step) -> str:
    assert step.expected is not None
    if step.function in (AEAD_DECRYPT, CBC_DECRYPT):
        shown = step.expected[:_INLINE]
        return f"assert {step.name}[:{len(shown)}] == {_literal(shown)}"
    where = f"as {step.label} in the key log" if step.label else "as it was received"
    return f"assert {step.name} == {_literal(step.expected)}, 'not {where}'"


def _last_line(steps: Sequence[Step]) -> str:
    last = [step.name for step in steps if step.name in ("plaintext", "content") and step.output]
    if not last:
        return 'print("No record was opened.")'
    return f"print({last[-1]}[:{SHOWN_OCTETS}])"


def _computed(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.certainty == DERIVED)


def _helpers(steps: Sequence[Step]) -> str:
    used = {step.function for step in _computed(steps)}
    if DERIVE in used:
        used.add(EXPAND)
    is_old = any(step.function == PRF and not step.digest for step in steps)
    table = {**_HELPERS, **_OLDER_HELPERS} if is_old else _HELPERS
    return "\n".join(text for function, text in table.items() if function in used)


def _is_named(of: Input) -> bool:
    """Whether it is a message, or so many octets of one that they get a name of their own."""
    if of.pdu is None or not isinstance(of.value, bytes):
        return False
    return len(of.value) > _INLINE or of.value == of.pdu.octets


def _value(of: Input) -> str:
    """An input as Python: a name, or what it is."""
    if of.step:
        return of.step
    return of.name if _is_named(of) else _literal(of.value)


def _literal(value: bytes | str | int | None) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if not isinstance(value, bytes):
        return str(value)
    if len(value) > 1 and len(set(value)) == 1:
        return f"{value[:1]!r} * {len(value)}" if value[0] else f"bytes({len(value)})"
    if len(value) > 1 and value.rstrip(b"\0").decode("latin-1").isprintable() and value.isascii():
        return repr(value)
    if len(value) <= 32:
        return f'bytes.fromhex("{value.hex()}")' if value else 'b""'
    rows = wrap(value.hex(), _COLUMNS)
    return "bytes.fromhex(\n" + "".join(f'    "{row}"\n' for row in rows) + ")"


def _folded(line: str) -> str:
    """A long sum, a summand a line."""
    if len(line) <= _COLUMNS or " + " not in line:
        return line
    name, _, expression = line.partition(" = ")
    call = re.match(r"\w+_hash\(", expression)
    start = call[0] if call else "("
    rows = (expression[len(start) : -1] if call else expression).split(" + ")
    body = "".join(f"    {'+ ' if at else ''}{row}\n" for at, row in enumerate(rows))
    return f"{name} = {start}\n{body})"


def _comment(text: str) -> str:
    return "\n".join(wrap(text, _COLUMNS, initial_indent="# ", subsequent_indent="# "))


def _call(name: str) -> Callable[[Step], str]:
    return lambda step: f"{name}({', '.join(map(_value, step.inputs))})"


def _joined(inputs: Sequence[Input]) -> str:
    return " + ".join(map(_value, inputs)) or 'b""'


def _prf(step: Step) -> str:
    secret, label, *seed, length = step.inputs
    return f"prf({_value(secret)}, {_value(label)}, {_joined(seed)}, {_value(length)})"


def _hmac(step: Step) -> str:
    key, *data = map(_value, step.inputs)
    of = data[0] if len(data) == 1 else f"{step.name}_data"
    return f'hmac.digest({key}, {of}, "{step.digest}")'


def _slice(step: Step) -> str:
    octets, start, end = map(_value, step.inputs)
    return f"{octets}[{start}:{end}]"


def _aead(step: Step) -> str:
    name, key, nonce, data, sealed = step.inputs
    mode = str(name.value).removeprefix("AEAD_AES_").partition("_")[2]
    form = "ChaCha20Poly1305({key})" if "CHACHA20" in str(name.value) else _AEADS[mode]
    opener = form.format(key=_value(key))
    return f"{opener}.decrypt({_value(nonce)}, {_value(sealed)}, {_value(data)})"


_EXPRESSIONS: Mapping[str, Callable[[Step], str]] = {
    EXTRACT: _call("hkdf_extract"),
    EXPAND: _call("hkdf_expand_label"),
    DERIVE: _call("derive_secret"),
    XOR: _call("xor"),
    CBC_DECRYPT: _call("cbc_decrypt"),
    TRANSCRIPT_HASH: lambda step: f"transcript_hash({_joined(step.inputs)})",
    HASH: lambda step: f"handshake_hash({_joined(step.inputs)})",
    CONCATENATE: lambda step: _joined(step.inputs),
    PRF: _prf,
    HMAC: _hmac,
    SLICE: _slice,
    AEAD_DECRYPT: _aead,
}
