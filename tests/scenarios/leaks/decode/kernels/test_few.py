"""A text of few tokens gives the same with the compiled functions as without: charsets and short packed texts."""

import base64
import zlib

import pytest

from scenarios.leaks.decode.layers import Limits, decode
from tests.scenarios.leaks.decode.conftest import Ways

VALUE = "Rosalind Quintero Street"


def deflated(text: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(text.encode()) + packer.flush()


@pytest.mark.parametrize("inner", [VALUE.encode("cp037"), deflated(VALUE), deflated("Ada"), zlib.compress(b"Ada Loew")])
@pytest.mark.parametrize("around", [b"%s", b"GET /clips?of=%s&page=2 HTTP/1.1", b'{"note": "%s"}'])
def test_few_tokens_give_the_same_layers(inner: bytes, around: bytes, both_ways: Ways) -> None:
    text = around % base64.b64encode(inner)
    compiled, plain = both_ways(lambda: {layer.data for layer in decode(text, Limits()).layers})
    assert compiled == plain
