"""The Statement Execution API, through `databricks-sdk`.

Every scalar of an answer is a string and every struct, map or array a JSON string; only the first
chunk comes with the answer, the others are asked for one by one.
Source: https://docs.databricks.com/api/workspace/statementexecution
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..carry import sql_of
from ..engine import EngineError, Relation, refused
from .connector import columns_of
from .typed import batch_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlglot import exp

_WAIT = "30s"
_PAUSES = (0.2, 0.5, 1, 2, 5)
_RUNNING = ("PENDING", "RUNNING")


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

        table = exp.to_table(str(source), dialect=self.dialect)
        answer = self._run(f"DESCRIBE TABLE {table.sql(dialect=self.dialect)}", str(source))
        rows = (answer.result.data_array or []) if answer.result else []
        return Relation(str(source), table, columns_of(rows))

    def query(self, statement: exp.Expr) -> Iterator[pa.RecordBatch]:
        """Run a statement, a batch a chunk."""
        answer = self._run(sql_of(statement, self.dialect), "the table")
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

    def _chunk(self, statement_id: str, index: int) -> Any:
        try:
            return self.client.statement_execution.get_statement_result_chunk_n(statement_id, index)
        except Exception as error:
            raise refused(error, "the table") from error

    def _run(self, sql: str, name: str) -> Any:
        try:
            api = self.client.statement_execution
            answer = api.execute_statement(statement=sql, warehouse_id=self.warehouse, wait_timeout=_WAIT)
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
