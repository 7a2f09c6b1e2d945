"""Running the stand-in in a thread of this process."""

from __future__ import annotations

import atexit
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from .options import Options, options_from
from .records.log import Log

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import uvicorn

    from .exchange import Exchange

Row = dict[str, Any]
_LAST_PORT = 65535


class Gateway:
    """A running stand-in: its addresses, what it received and the rows it logged.

    It is for trying and testing. It listens on 127.0.0.1 only, and any API key will do.

    Attributes
    ----------
    host : str
        ``http://127.0.0.1:<port>``, what ``DATABRICKS_HOST`` would be.
    api_key : str
        A key to give to clients; the stand-in does not check it.
    options : Options
        How it behaves.
    """

    def __init__(self, port: int, options: Options, log: Log) -> None:
        self.options = options
        self.api_key = "demo"
        self._log = log
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        self.host = f"http://127.0.0.1:{self.port}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Base URL of route A for the OpenAI SDK."""
        return f"{self.host}/serving-endpoints"

    @property
    def unity_url(self) -> str:
        """Base URL of route B for the OpenAI SDK."""
        return f"{self.host}/ai-gateway/mlflow/v1"

    @property
    def openai_url(self) -> str:
        """Base URL of route B's native OpenAI surface."""
        return f"{self.host}/ai-gateway/openai/v1"

    @property
    def anthropic_url(self) -> str:
        """Base URL of route A for the Anthropic SDK."""
        return f"{self.host}/serving-endpoints/anthropic"

    @property
    def unity_anthropic_url(self) -> str:
        """Base URL of route B for the Anthropic SDK."""
        return f"{self.host}/ai-gateway/anthropic"

    @property
    def gemini_url(self) -> str:
        """Base URL of route B for the Gemini API (``/v1beta/models/…``)."""
        return f"{self.host}/ai-gateway/gemini"

    @property
    def exchanges(self) -> list[Exchange]:
        """Every finished request, at once and without sampling: what a test wants to see."""
        return self._log.exchanges

    @property
    def rows(self) -> list[Row]:
        """Rows of the route A inference table that have been delivered by now."""
        return self._log.visible("payload")

    @property
    def unity_rows(self) -> list[Row]:
        """Rows of the route B inference table that have been delivered by now."""
        return self._log.visible("unity_payload")

    @property
    def endpoint_usage(self) -> list[Row]:
        """Rows of ``system.serving.endpoint_usage`` that have been delivered by now."""
        return self._log.visible("endpoint_usage")

    @property
    def served_entities(self) -> list[Row]:
        """Rows of ``system.serving.served_entities``."""
        return self._log.visible("served_entities")

    @property
    def gateway_usage(self) -> list[Row]:
        """Rows of ``system.ai_gateway.usage`` that have been delivered by now."""
        return self._log.visible("gateway_usage")

    @property
    def tables(self) -> dict[str, Path]:
        """Where Delta tables are written, by name; empty when none were asked for."""
        return self._log.paths

    def deliver(self) -> None:
        """Make every row visible now, whatever the delay, and write it to the Delta tables."""
        self._log.deliver()

    def clear(self) -> None:
        """Forget what was received and the rows in memory. Delta tables keep theirs."""
        self._log.clear()

    def start(self) -> Gateway:
        """Start answering. Returns itself.

        Raises
        ------
        RuntimeError
            If the server does not come up within ten seconds.
        ImportError
            If Starlette or uvicorn is missing.
        """
        uvicorn = _uvicorn()
        from .app import application

        config = uvicorn.Config(
            application(self.options, self._log),
            log_level="critical",
            lifespan="off",
            loop="asyncio",
            http="h11",
            server_header=False,
            timeout_keep_alive=30,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="nbext-gateway", daemon=True
        )
        self._thread.start()
        # A notebook may never close it; rows that are still on their way are written all the same.
        atexit.register(self.close)
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"the stand-in gateway did not start on port {self.port}")
            time.sleep(0.002)
        return self

    def close(self) -> None:
        """Stop answering, and deliver the rows that are still on their way."""
        atexit.unregister(self.close)
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(10)
        self._socket.close()
        self._log.close()

    def __enter__(self) -> Gateway:
        return self if self._thread is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<stand-in gateway at {self.base_url}, {len(self.exchanges)} requests>"


def _uvicorn() -> Any:
    try:
        import starlette  # noqa: F401
        import uvicorn
    except ImportError as missing:
        raise ImportError(
            f'the stand-in gateway needs {missing.name}: pip install "nbext[demo]"', name=missing.name
        ) from missing
    return uvicorn


def _listen(port: int) -> socket.socket:
    if not isinstance(port, int) or not 0 <= port <= _LAST_PORT:
        raise ValueError(f"port={port!r}: give a number from 0 to {_LAST_PORT}; 0 takes a free one")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as problem:
        listener.close()
        raise OSError(problem.errno, f"port {port} is in use; give another one, or 0 for any") from None
    listener.listen(4096)
    return listener


def serve(
    port: int = 0,
    *,
    table: str | Path | None = None,
    tables: str | Path | None = None,
    options: Options | None = None,
    **settings: Any,
) -> Gateway:
    """Start the stand-in gateway in a thread.

    Parameters
    ----------
    port : int
        Port on 127.0.0.1; 0 takes a free one.
    table : path, optional
        Append the rows of the route A inference table to a Delta table there (extra ``tables``).
    tables : path, optional
        Append all five tables to Delta tables in this folder: ``payload``, ``unity_payload``,
        ``endpoint_usage``, ``served_entities``, ``gateway_usage``.
    options : Options, optional
        How it behaves; or give single settings of `Options` by name.
    **settings
        Settings of `Options`: ``speed``, ``delay_s``, ``sampling_fraction``, …

    Returns
    -------
    Gateway
        Already answering. Use it in a ``with``, or call ``close()``.

    Raises
    ------
    ImportError
        If the extra ``demo`` (or ``tables``, for a table) is not installed.
    OSError
        If the port is taken.
    ValueError
        If there can be no such port, or a setting is out of its range.
    TypeError
        If a setting is unknown.

    Examples
    --------
    >>> import nbext.gateway
    >>> with nbext.gateway.serve() as gw:  # doctest: +SKIP
    ...     client = OpenAI(base_url=gw.base_url, api_key=gw.api_key)
    """
    if options is not None and settings:
        raise TypeError(f"give options= or single settings, not both (got {', '.join(settings)})")
    chosen = options or options_from(settings)
    _uvicorn()
    return Gateway(port, chosen, Log(chosen, table=table, tables=tables)).start()
