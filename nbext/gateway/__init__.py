"""A stand-in for a Databricks AI gateway, for trying and testing: it is no gateway and calls no model.

It listens on 127.0.0.1 only, answers the URLs of both Databricks gateways in their wire format, and keeps
the rows that an inference table and the usage tables would get. Needs the extra ``demo``
(and ``tables`` to write Delta tables).
"""

from __future__ import annotations

from .options import Options
from .server import Gateway, serve

__all__ = ["Gateway", "Options", "serve"]
