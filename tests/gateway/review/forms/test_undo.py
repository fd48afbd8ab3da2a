from gateway.review.forms.undo import UNDO_S, Undo

KEY = bytes(range(32))


def test_only_who_withdrew_takes_it_back_and_only_for_a_minute() -> None:
    now = [1_000.0]
    undo = Undo(b"s" * 32, lambda: now[0])
    token = undo.token("ref", KEY, "ada")
    assert KEY.hex() not in token
    assert undo.read(token, "ada") == ("ref", KEY)
    assert undo.read(token, "bob") is None
    for wrong in ("", "zz", token[:-2], token[:-2] + ("00" if token[-2:] != "00" else "01")):
        assert undo.read(wrong, "ada") is None
    assert Undo(b"t" * 32, lambda: now[0]).read(token, "ada") is None
    now[0] += UNDO_S + 1
    assert undo.read(token, "ada") is None
