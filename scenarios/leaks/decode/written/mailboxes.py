"""Gives the plain e-mail address behind an address with a tag, and behind one that a mail server rewrote (SRS)."""

import re

from scenarios.leaks.decode.packed.marks import Found

_TAGGED = re.compile(rb"([A-Za-z0-9._%-]{1,64})\+[A-Za-z0-9._%=+-]{1,64}(@[A-Za-z0-9.-]{3,253})")
# SRS0=hash=time=domain=local@forwarder; a second forwarder writes SRS1=hash=domain==hash=time=domain=local@domain.
_REWRITTEN = re.compile(
    rb"(?i:SRS0[=+-]|==)[A-Za-z0-9+/]{2,10}=[A-Za-z0-9]{1,4}=([A-Za-z0-9.-]{3,253})=([^\s@<>=\"]{1,64})@"
)


def mailboxes(data: bytes) -> Found:
    """Yield the plain addresses, one line each."""
    found = [local + domain for local, domain in _TAGGED.findall(data)]
    found += [local + b"@" + domain for domain, local in _REWRITTEN.findall(data)]
    if found:
        yield "mailbox", b"\n".join(dict.fromkeys(found))
