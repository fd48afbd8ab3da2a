"""Hands every answer of one Locust process to the search process: of Locust's clients, of streams, and beside them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from earlid.client import SearchClient
from earlid.copies.clients import Streams
from earlid.copies.streams import HandOver
from earlid.exchange import Exchange
from earlid.locust_answer import STREAMED, exchange_of, row_of, text_of, whole_answer
from earlid.locust_beside import name_of
from earlid.locust_load import CONTROL


class Answers:
    """`seen` counts the requests of the run, `kinds` the events without an answer that could be searched, by kind."""

    def __init__(self, client: SearchClient) -> None:
        self._client = client
        self.seen = 0
        self.kinds: dict[str, int] = {}
        self.streams = Streams()

    def on_request(
        self,
        request_type: str,
        name: str,
        context: Any = None,
        response: Any = None,
        exception: Any = None,
        url: Any = None,
        response_time: float | None = None,
        **_event: Any,
    ) -> None:
        """Every request of every user ends here, and so does every control."""
        context = dict(context) if context else {}
        control = context.pop(CONTROL, None) or {}
        self.seen += not control
        url, ms = str(url or name), float(response_time or 0)
        whole = whole_answer(response, url) if exception is None else None
        if whole is not None:
            if context:
                context = {key: value for key, value in context.items() if _plain(value)}
            status, reason, headers, body = whole
            head = (status, reason, headers, len(body))
            self._client.put(partial(row_of, head, request_type, name, ms, url, context, control), (body,))
            self.streams.end_left()
            return
        if response is None or (not hasattr(response, "status_code") and text_of(response) is None):
            if exception is None and not control:
                self.kinds[request_type] = self.kinds.get(request_type, 0) + 1
            return
        self._hand_over(response, request_type, name, url, context, ms=ms, control=control, error=exception)

    def on_beside(self, response: Any, method: str, url: str, context: dict[str, Any]) -> None:
        """An answer that came beside Locust's clients. Locust does not count it, and neither does `seen`."""
        self._hand_over(response, method, name_of(url), url, context)

    def on_lost(self, response: Any, method: str, name: str) -> None:
        """An answer about which Locust raised, instead of counting it."""
        self._hand_over(response, method, name, str(response.url), {})

    def _hand_over(
        self,
        response: Any,
        method: str,
        name: str,
        url: str,
        context: Mapping[str, Any],
        *,
        ms: float = 0.0,
        control: dict[str, str] | None = None,
        error: Any = None,
    ) -> None:
        exchange = exchange_of(
            response,
            method=method,
            name=name,
            url=url,
            ms=ms,
            context={key: value for key, value in context.items() if _plain(value)},
            control=control or {},
            error=error,
        )
        meta = {"request_type": method, "name": name, "context": context}
        if exchange.unsearched == STREAMED and self.streams.copy(response, self._pieces(meta)):
            exchange = exchange._replace(unsearched="")
        self._client.send(exchange)
        self.streams.end_left()

    def copy_stream(self, response: Any) -> None:
        """Copy what is read of an answer whose event comes later."""
        self.streams.copy(response, self._pieces(getattr(response, "request_meta", {})))

    def _pieces(self, meta: Mapping[str, Any]) -> HandOver:
        """Hands over the pieces of one streamed body."""

        def hand_over(piece: bytes, part: int, why: str) -> None:
            context = {key: value for key, value in (meta.get("context") or {}).items() if _plain(value)}
            self._client.send(
                Exchange(
                    method=str(meta.get("request_type") or ""),
                    name=str(meta.get("name") or ""),
                    status=200,
                    bodies=(("response_body", piece),),
                    context=context,
                    unsearched=why,
                    part=part,
                )
            )

        return hand_over


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool | list | tuple | dict)
