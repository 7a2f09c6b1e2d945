"""The Statement Execution API, through `databricks-sdk`.

Every scalar of an answer is a string and every struct, map or array a JSON string; only the first
chunk comes with the answer, the others are asked for one by one. An answer holds 25 MiB at most; what
is larger is asked for again, as chunks behind links.
Source: https://docs.databricks.com/api/workspace/statementexecution
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..carry import sql_of
from ..engine import EngineError, Relation
from ..given import check_name
from ..refusal import failed, refused
from .connector import columns_of
from .links import batches_of
from .typed import batch_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlglot import exp

_WAIT = "30s"
_PAUSES = (0.2, 0.5, 1, 2, 5)
_RUNNING = ("PENDING", "RUNNING")
# Words of the refusal: "Inline byte limit exceeded. Statements executed with disposition=INLINE can have
# a result size of at most 26214400 bytes. Please execute the statement with disposition=EXTERNAL_LINKS …".
_TOO_LARGE = ("EXTERNAL_LINKS", "Inline byte limit exceeded")


class StatementEngine:
    """Runs statements on a SQL warehouse over HTTP.

    Parameters
    ----------
    client : databricks.sdk.WorkspaceClient
    warehouse : str
        Its id.
    """

    name = "SQL warehouse"
    dialect = "databricks"

    def __init__(self, client: Any, warehouse: str) -> None:
        self.client = client
        self.warehouse = warehouse

    def relation(self, source: Any) -> Relation:
        """Look at a table by name."""
        from sqlglot import exp

        check_name(source)
        table = exp.to_table(str(source), dialect=self.dialect)
        answer = self._run(f"DESCRIBE TABLE {table.sql(dialect=self.dialect)}", str(source))
        rows = (answer.result.data_array or []) if answer.result else []
        return Relation(str(source), table, columns_of(rows))

    def query(self, statement: exp.Expr) -> Iterator[pa.RecordBatch]:
        """Run a statement, a batch a chunk."""
        sql = sql_of(statement, self.dialect)
        try:
            answer = self._run(sql, "the table")
        except EngineError as error:
            if not any(word in str(error) for word in _TOO_LARGE):
                raise failed(error, statement) from error
            yield from self._by_links(sql)
            return
        columns = [(c.name, c.type_text or "string") for c in answer.manifest.schema.columns or []]
        chunk = answer.result
        first = True
        while chunk is not None:
            rows = chunk.data_array or []
            if rows or first:
                yield batch_of(columns, rows)
            first = False
            if chunk.next_chunk_index is None:
                return
            chunk = self._chunk(answer.statement_id, chunk.next_chunk_index)
        if first:
            yield batch_of(columns, [])

    def _by_links(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Run a statement whose result does not fit into an answer. The warehouse has it in its cache."""
        from databricks.sdk.service.sql import Disposition, Format

        answer = self._run(
            sql, "the table", disposition=Disposition.EXTERNAL_LINKS, format=Format.ARROW_STREAM
        )
        yield from batches_of(answer.result, lambda index: self._chunk(answer.statement_id, index))

    def _chunk(self, statement_id: str, index: int) -> Any:
        try:
            return self.client.statement_execution.get_statement_result_chunk_n(statement_id, index)
        except Exception as error:
            raise refused(error, "the table") from error

    def _run(self, sql: str, name: str, **form: Any) -> Any:
        try:
            api = self.client.statement_execution
            answer = api.execute_statement(
                statement=sql, warehouse_id=self.warehouse, wait_timeout=_WAIT, **form
            )
            asked = 0
            while _state(answer) in _RUNNING:
                time.sleep(_PAUSES[min(asked, len(_PAUSES) - 1)])
                asked += 1
                answer = api.get_statement(answer.statement_id)
        except Exception as error:
            raise refused(error, name) from error
        if _state(answer) != "SUCCEEDED":
            reason = answer.status.error
            said = reason.message if reason is not None and reason.message else _state(answer)
            raise refused(EngineError(said), name)
        return answer


def _state(answer: Any) -> str:
    state = answer.status.state
    return str(getattr(state, "value", state))
