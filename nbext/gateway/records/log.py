"""The log of a gateway: exchanges at once, table rows when they are delivered."""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..chance import share_for
from ..endpoints import CATALOG
from . import payload, usage
from .delta import DeltaWriter

if TYPE_CHECKING:
    from ..exchange import Exchange
    from ..options import Options

Row = dict[str, Any]

TABLES = ("payload", "unity_payload", "endpoint_usage", "served_entities", "gateway_usage")


@dataclass(slots=True)
class _Entry:
    due: float
    table: str
    row: Row


class Log:
    """Keeps what happened and hands out rows as late, as sampled and as doubled as the options say.

    Parameters
    ----------
    options : Options
        Delay, sampling, duplicates, size caps, unverified forms.
    table : path, optional
        Where the route A payload rows are appended as a Delta table.
    tables : path, optional
        A folder that gets all tables.
    """

    def __init__(
        self, options: Options, *, table: str | Path | None = None, tables: str | Path | None = None
    ) -> None:
        self.options = options
        self.paths: dict[str, Path] = {}
        if tables is not None:
            self.paths = {name: Path(tables) / name for name in TABLES}
        if table is not None:
            self.paths["payload"] = Path(table)
        self._exchanges: deque[Exchange] = deque(maxlen=options.keep)
        # A request has at most three rows: one in the payload table, perhaps twice, and one of usage.
        self._entries: deque[_Entry] = deque(maxlen=3 * options.keep)
        self._unwritten: list[_Entry] = []
        self._endpoints = dict(CATALOG)
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._new_entities = True
        self._writer = DeltaWriter(self.paths, self._take, self._give_back) if self.paths else None

    @property
    def exchanges(self) -> list[Exchange]:
        """A copy of all finished exchanges, in the order they ended."""
        with self._lock:
            return list(self._exchanges)

    def add(self, exchange: Exchange) -> None:
        """Log a finished exchange: in each table of its route, now or later or not."""
        options, now = self.options, time.monotonic()
        entries = []
        number = next(self._numbers)
        row, table = self._payload(exchange, number)
        if row is not None and share_for(exchange.request_id, "sample") < options.sampling_fraction:
            twice = share_for(exchange.request_id, "twice") < options.duplicate_fraction
            entries += [_Entry(now + options.delay_s, table, row) for _ in range(1 + twice)]
        lag = options.delay_s if options.usage_delay_s is None else options.usage_delay_s
        row, table = self._usage(exchange)
        if row is not None:
            entries.append(_Entry(now + lag, table, row))
        with self._lock:
            self._exchanges.append(exchange)
            self._entries.extend(entries)
            self._unwritten.extend(entry for entry in entries if entry.table in self.paths)
            if exchange.endpoint is not None and exchange.endpoint.name not in self._endpoints:
                self._endpoints[exchange.endpoint.name] = exchange.endpoint
                self._new_entities = True

    def _payload(self, exchange: Exchange, number: int) -> tuple[Row | None, str]:
        if exchange.surface.route == "A":
            return payload.serving_row(exchange, self.options, number), "payload"
        return payload.unity_row(exchange, self.options, number), "unity_payload"

    def _usage(self, exchange: Exchange) -> tuple[Row | None, str]:
        if exchange.surface.route == "A":
            return usage.endpoint_usage_row(exchange, self.options), "endpoint_usage"
        return usage.gateway_usage_row(exchange, self.options), "gateway_usage"

    def visible(self, name: str) -> list[Row]:
        """Return the delivered rows of a table."""
        now = time.monotonic()
        with self._lock:
            if name == "served_entities":
                return usage.served_entity_rows(self._endpoints.values())
            return [entry.row for entry in self._entries if entry.table == name and entry.due <= now]

    def deliver(self) -> None:
        """Make all rows visible, and write them to the tables."""
        with self._lock:
            for entry in (*self._entries, *self._unwritten):
                entry.due = 0.0
        if self._writer is not None:
            self._writer.flush()

    def clear(self) -> None:
        """Forget exchanges, and rows that need not be written any more."""
        if self._writer is not None:
            self._writer.flush()
        with self._lock:
            self._exchanges.clear()
            self._entries.clear()

    def close(self) -> None:
        """Deliver and write what is left."""
        self.deliver()
        if self._writer is not None:
            self._writer.close()

    def _take(self) -> dict[str, list[Row]]:
        now = time.monotonic()
        batch: dict[str, list[Row]] = defaultdict(list)
        with self._lock:
            for entry in self._unwritten:
                if entry.due <= now:
                    batch[entry.table].append(entry.row)
            self._unwritten = [entry for entry in self._unwritten if entry.due > now]
            if self._new_entities and "served_entities" in self.paths:
                batch["served_entities"] = usage.served_entity_rows(self._endpoints.values())
                self._new_entities = False
        return batch

    def _give_back(self, batch: dict[str, list[Row]]) -> None:
        with self._lock:
            self._new_entities |= batch.pop("served_entities", None) is not None
            kept = [_Entry(0.0, table, row) for table, rows in batch.items() for row in rows]
            self._unwritten = kept + self._unwritten
