"""The payload table of a serving endpoint, as the workspace tells it.

Source: https://docs.databricks.com/api/workspace/servingendpoints/get, ``ai_gateway.inference_table_config``
and, of endpoints made before it, ``config.auto_capture_config``.
"""

from __future__ import annotations

from typing import Any

from ...engines import EngineError
from .flavour import TableError


def payload_table(endpoint: str, *, profile: str | None = None, client: Any = None) -> str:
    """Look up where the requests of an endpoint are logged.

    Parameters
    ----------
    endpoint : str
        Its name.
    profile : str, optional
        Of the Databricks configuration file.
    client : databricks.sdk.WorkspaceClient, optional
        Made of environment and profile if left out.

    Returns
    -------
    str
        ``catalog.schema.table``, in backquotes where needed.

    Raises
    ------
    TableError
        The endpoint logs no requests.
    EngineError
        There is no such endpoint, it may not be seen, or there is no way to the workspace.
    """
    client = client or workspace(profile)
    try:
        found = client.serving_endpoints.get(endpoint)
    except Exception as error:
        text = " ".join(str(error).split())[:300]
        raise EngineError(
            f"endpoint={endpoint!r}: {text} — check the name, and that you may view the endpoint"
        ) from error
    gateway = getattr(found.ai_gateway, "inference_table_config", None)
    if gateway is not None and gateway.catalog_name and gateway.schema_name and gateway.enabled is not False:
        return _name(gateway.catalog_name, gateway.schema_name, gateway.table_name_prefix or endpoint)
    legacy = getattr(found.config, "auto_capture_config", None)
    if legacy is not None and legacy.catalog_name and legacy.schema_name and legacy.enabled is not False:
        state = getattr(legacy.state, "payload_table", None)
        if state is not None and state.name:
            return ".".join(map(_quoted, (legacy.catalog_name, legacy.schema_name, state.name)))
        return _name(legacy.catalog_name, legacy.schema_name, legacy.table_name_prefix or endpoint)
    raise TableError(
        f"endpoint={endpoint!r} logs no requests: switch on inference tables in its AI Gateway settings; "
        "rows then take up to 1 h to come"
    )


def workspace(profile: str | None = None) -> Any:
    """Give a client of the workspace that environment or profile names.

    Raises
    ------
    EngineError
        databricks-sdk is missing, or nothing says which workspace.
    """
    try:
        from databricks.sdk import WorkspaceClient
    except ImportError as error:
        raise EngineError(
            'looking up an endpoint needs databricks-sdk: pip install "nbext[databricks]"'
        ) from error
    try:
        return WorkspaceClient(profile=profile)
    except ValueError as error:
        raise EngineError(f"could not log in to Databricks: {' '.join(str(error).split())[:300]}") from error


def _name(catalog: str, schema: str, prefix: str) -> str:
    return ".".join(map(_quoted, (catalog, schema, f"{prefix}_payload")))


def _quoted(part: str) -> str:
    plain = part.replace("_", "").isalnum() and part.isascii() and not part[0].isdigit()
    return part if plain else "`" + part.replace("`", "``") + "`"
