"""Gives the plain e-mail address behind an address with a tag, behind one that a mail server rewrote (SRS), and behind
one that is written out for people only: "ada (at) example [dot] net".
"""

import re

from scenarios.leaks.decode.packed.marks import Found

_TAGGED = re.compile(rb"([A-Za-z0-9._%-]{1,64})\+[A-Za-z0-9._%=+-]{1,64}(@[A-Za-z0-9.-]{3,253})")
# SRS0=hash=time=domain=local@forwarder; a second forwarder writes SRS1=hash=domain==hash=time=domain=local@domain.
_REWRITTEN = re.compile(
    rb"(?i:SRS0[=+-]|==)[A-Za-z0-9+/]{2,10}=[A-Za-z0-9]{1,4}=([A-Za-z0-9.-]{3,253})=([^\s@<>=\"]{1,64})@"
)
_OPEN, _CLOSE = rb"[\s\[({<_]{1,3}", rb"[\s\])}>_]{1,3}"
_AT, _DOT = rb"(?i:at|@|arroba)", rb"(?i:dot|punkt|punto|point|d0t)"
_SPELLED_DOT = re.compile(rb"(?:" + _OPEN + _DOT + _CLOSE + rb"|\s?\[\.\]\s?)")
_WORD = rb"[A-Za-z0-9-]{1,60}"
_SPELLED_OUT = re.compile(
    rb"([A-Za-z0-9%+-]"
    + rb"[A-Za-z0-9.%+-]{0,63}(?:"
    + _OPEN
    + _DOT
    + _CLOSE
    + _WORD
    + rb"){0,3})"
    + _OPEN
    + _AT
    + _CLOSE
    + rb"("
    + _WORD
    + rb"(?:(?:\.|"
    + _OPEN
    + _DOT
    + _CLOSE
    + rb"|\s?\[\.\]\s?)"
    + _WORD
    + rb"){1,4})"
)
# A remark in brackets, or a word that only people take away.
_REMARK = re.compile(rb"(?<=[A-Za-z0-9@])\([^()\r\n]{1,40}\)(?=[A-Za-z0-9@])")
_AGAINST = re.compile(
    rb"(?i)@(?:no[._-]?spam|remove[._-]?(?:this|me)?|antispam)\.|\.(?:no[._-]?spam|remove[._-]?this|invalid)(?![a-z0-9])"
)


def mailboxes(data: bytes) -> Found:
    """Yield the plain addresses, one line each."""
    found = [local + domain for local, domain in _TAGGED.findall(data)]
    found += [local + b"@" + domain for domain, local in _REWRITTEN.findall(data)]
    if found:
        yield "mailbox", b"\n".join(dict.fromkeys(found))


def spelled_out(data: bytes) -> Found:
    """Yield the addresses that stand there with words or brackets for their signs, one line each."""
    found = [
        _SPELLED_DOT.sub(b".", local) + b"@" + _SPELLED_DOT.sub(b".", domain)
        for local, domain in _SPELLED_OUT.findall(data)
    ]
    if found:
        yield "mailbox", b"\n".join(dict.fromkeys(found))


def remarked(data: bytes) -> Found:
    """Yield text without remarks inside addresses (RFC 5322, 3.2.2) and without words against robots."""
    plain = _AGAINST.sub(lambda match: b"@" if match[0][:1] == b"@" else b"", _REMARK.sub(b"", data))
    if plain != data:
        yield "mailbox", plain
