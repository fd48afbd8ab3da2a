"""Makes hostile text safe. File names and headers may hold anything. There is one function for each output."""

import html

from rich.text import Text

_TURNING = frozenset(
    "\u00ad\u061c\u180e\u200b\u2060\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)


def visible(text: str) -> str:
    """The text with escapes for characters that move the cursor, turn the line around or cannot be seen."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(c) if _is_active(c) else c for c in text)


def for_terminal(text: str) -> Text:
    """A cell or line for rich, which must not read it as markup."""
    return Text(visible(text))


def for_sarif(text: str) -> str:
    """A SARIF message (2.1.0, 3.11), where brackets would be links and braces would be placeholders."""
    shown = visible(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return shown.replace("{", "{{").replace("}", "}}")


def for_html(text: str) -> str:
    """Text or an attribute's value of a page."""
    return html.escape(visible(text), quote=True)


def _is_active(character: str) -> bool:
    code = ord(character)
    return code < 32 or 127 <= code < 160 or 0xD800 <= code < 0xE000 or character in _TURNING


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
