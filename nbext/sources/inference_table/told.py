"""The endpoint that an agent's trace names: calls by an endpoint's own URL are told from nothing else.

Key: https://github.com/mlflow/mlflow/blob/master/mlflow/utils/mlflow_tags.py
"""

from __future__ import annotations

import re

_KEY = "mlflow.databricks.modelServingEndpointName"
_PATTERN = rf'"{re.escape(_KEY)}"\s*:\s*"([^"]{{1,200}})"'
_COMPILED = re.compile(_PATTERN)
# Over a row of route A. The look for the key spares nearly all rows the pattern.
TOLD_SQL = f"""
CASE WHEN contains(response, '"{_KEY}"') THEN nullif(regexp_extract(response, '{_PATTERN}', 1), '') END
"""


def told_endpoint(response: object) -> str | None:
    """Name the endpoint, by the text of an answer."""
    found = _COMPILED.search(response) if isinstance(response, str) and _KEY in response else None
    return found.group(1) if found else None
