"""What the newest calls say: which endpoint and model an entity stands for, and which tags group them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from .. import typing as read
from ..flavour import SERVING
from .priced import fixed_by, model_sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..columns import Columns
    from ..table import InferenceTable

_MOST_TAGS = 4
# A tag with nearly as many values as calls is an id, and groups nothing.
_MOST_VALUES = 200
# Models that are named of an endpoint.
_MOST_MODELS = 5


class Names:
    """Which endpoint and model an entity stands for, as the newest calls say.

    Attributes
    ----------
    by_entity : bool
        An entity belongs to one endpoint only, and tells it.
    """

    def __init__(self, seen: list[Mapping[str, Any]], table: InferenceTable) -> None:
        endpoints: dict[str, Counter[str]] = defaultdict(Counter)
        models: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        answered: dict[tuple[str, str], set[str]] = defaultdict(set)
        fixed: dict[str, set[str]] = defaultdict(set)
        for row in seen:
            endpoint, entity = read.text(row["endpoint"]) or "", read.text(row["entity"]) or ""
            if entity and endpoint:
                endpoints[entity][endpoint] += 1
            if model := read.text(row["model"]):
                models[entity, endpoint][model] += 1
            served = read.text(row["served"])
            if fixing := read.text(row["fixed"]):
                fixed[fixing] |= {served} if served else set()
            if served:
                answered[entity, endpoint].add(served)
        self._endpoints = {
            entity: [name for name, _ in found.most_common()] for entity, found in endpoints.items()
        }
        self._models = {
            key: [model for model, _ in found.most_common(_MOST_MODELS)] for key, found in models.items()
        }
        # One that met two models tells neither: the answers do.
        self._only = {key: next(iter(found)) for key, found in answered.items() if len(found) == 1}
        self._fixed = _fixed(fixed, fixed_by(table.columns))
        self.by_entity = table.flavour is SERVING and all(len(found) == 1 for found in endpoints.values())

    @property
    def entities(self) -> dict[str, list[str]]:
        """Entities by the endpoint they belong to."""
        found: dict[str, list[str]] = defaultdict(list)
        for entity, endpoints in self._endpoints.items():
            for endpoint in endpoints:
                found[endpoint].append(entity)
        return dict(found)

    def models(self, *, endpoint: str | None = None, entity: str | None = None) -> list[str]:
        """Name the models that answer at an endpoint, or that an entity is."""
        found = [
            model
            for (of_entity, of_endpoint), known in self._models.items()
            if (endpoint is None or of_endpoint == endpoint) and (entity is None or of_entity == entity)
            for model in known
        ]
        return list(dict.fromkeys(found))

    def endpoint(self, endpoint: str, entity: str) -> str:
        """Name the endpoint of a group; empty where nothing tells, or the entity was met at several."""
        known = self._endpoints.get(entity, ())
        return endpoint or (known[0] if len(known) == 1 else "")

    def model_sql(self, columns: Columns) -> str:
        """Give the SQL of the model that answered; see `priced.model_sql`."""
        return model_sql(columns, list(self._fixed))

    def model(self, endpoint: str, entity: str, told: str = "") -> str | None:
        """Name the model that answered a group.

        Parameters
        ----------
        endpoint, entity : str
        told : str
            What `model_sql` gave: the model, or empty where the entity or nothing tells it.
        """
        if told:
            return self._fixed.get(told, told)
        return self._only.get((entity, self.endpoint(endpoint, entity))) or self._only.get((entity, ""))


def _fixed(found: Mapping[str, set[str]], column: str) -> dict[str, str]:
    """Give the one model that each value of a column stands for; those with several are left out.

    A destination's model is a model's name also where no answer could be read; an entity is none.
    """
    named = column != "entity"
    return {
        value: next(iter(models), value)
        for value, models in found.items()
        if len(models) == 1 or (named and not models)
    }


def tag_keys(seen: list[Mapping[str, Any]]) -> list[str]:
    """Name the tags worth grouping by, the most used first: those that are no ids."""
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for row in seen:
        for key, value in read.pairs(row["tags"]).items():
            values[key][value] += 1
    usable = {
        key: sum(found.values())
        for key, found in values.items()
        if len(found) <= _MOST_VALUES and (len(found) < 10 or len(found) < 0.5 * sum(found.values()))
    }
    return sorted(usable, key=lambda key: (-usable[key], key))[:_MOST_TAGS]
