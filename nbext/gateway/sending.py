"""Sending an answer at the model's pace, and logging it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Receive, Send

    from .exchange import Exchange
    from .records.log import Log


class Sender:
    """Sends answers and logs them.

    A request is logged just before its last bytes go out, so that whoever has read the answer finds its row.

    Parameters
    ----------
    log : Log
        Gets every exchange, also when the client goes away half-way.
    speed : float
        How much faster than the planned pace to send.
    """

    def __init__(self, log: Log, speed: float) -> None:
        self.log = log
        self.speed = speed

    async def send(self, exchange: Exchange, headers: dict[str, str], send: Send, receive: Receive) -> None:
        """Send an answer with its headers."""
        try:
            if exchange.answer.stream:
                await self._start(exchange, headers, send)
                await self._stream(exchange, send, receive)
            else:
                await self._whole(exchange, headers, send)
        finally:
            self._finish(exchange)
        if not exchange.answer.broken:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        # Returning without that last message makes the server drop the connection.
        exchange.answer.settle()

    async def _start(self, exchange: Exchange, headers: dict[str, str], send: Send) -> None:
        pairs = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": exchange.answer.status, "headers": pairs})

    async def _whole(self, exchange: Exchange, headers: dict[str, str], send: Send) -> None:
        answer = exchange.answer
        await self._wait(sum(piece.wait_s for piece in answer.pieces))
        size = len(answer.body) if answer.announced_length is None else answer.announced_length
        await self._start(exchange, {**headers, "content-length": str(size)}, send)
        exchange.first_byte_ns = time.time_ns()
        self._finish(exchange)
        await send({"type": "http.response.body", "body": answer.body, "more_body": True})

    async def _stream(self, exchange: Exchange, send: Send, receive: Receive) -> None:
        """Send the pieces one by one until the client hangs up."""
        answer = exchange.answer
        last = len(answer.pieces) - 1
        left = asyncio.ensure_future(_hang_up(receive))
        try:
            for number, piece in enumerate(answer.pieces):
                await self._wait(piece.wait_s)
                if left.done():
                    exchange.client_left = True
                    answer.pieces, answer.events = answer.pieces[:number], answer.events[:number]
                    answer.whole = None
                    return
                exchange.first_byte_ns = exchange.first_byte_ns or time.time_ns()
                if number == last:
                    self._finish(exchange)
                await send({"type": "http.response.body", "body": piece.data, "more_body": True})
        finally:
            left.cancel()

    async def _wait(self, seconds: float) -> None:
        wait = seconds / self.speed
        if wait > 0:
            await asyncio.sleep(wait)

    def _finish(self, exchange: Exchange) -> None:
        if not exchange.ended_ns:
            exchange.ended_ns = time.time_ns()
            self.log.add(exchange)


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
