"""The OpenAPI description: what FastAPI cannot know of our answers is added here."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from photo_ranker.web.problems import Problem

__all__ = ["JPEG", "UPLOAD", "DescribedApp", "may_fail"]

Described = dict[str, Any]

EVERYWHERE = (401, 403, 413, 500)
"""Problems of every operation: no token, a page of another site, a body that is too large, an unexpected failure."""

WITH_PARAMETERS = 422

NOT_TEXT = 400
"""Problem of operations that take JSON: the body is not even text."""

UPLOAD: Described = {
    "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
"""The body of a request that sends a file, or a piece of one."""

JPEG: dict[int | str, Described] = {
    200: {"description": "The picture", "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def may_fail(*statuses: int) -> dict[int | str, Described]:
    """The problems that an operation may answer with, beside those that all have in common."""
    return {status: {"description": HTTPStatus(status).phrase, "content": _PROBLEM} for status in statuses}


class DescribedApp(FastAPI):
    """An app whose description holds its problems and its token."""

    def openapi(self) -> Described:
        """Make the description once, and keep it."""
        if self.openapi_schema is None:
            described = super().openapi()
            parts = described["components"]
            parts["schemas"]["Problem"] = Problem.model_json_schema()
            for unused in ("HTTPValidationError", "ValidationError"):
                parts["schemas"].pop(unused, None)
            parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            described["security"] = [{"token": []}]
            for operation in _operations(described):
                _add_problems(operation)
        return super().openapi()


def _operations(described: Described) -> Iterator[Described]:
    for path in described["paths"].values():
        yield from path.values()


def _add_problems(operation: Described) -> None:
    statuses = list(EVERYWHERE)
    body = operation.get("requestBody", {"content": {}})
    if operation.get("parameters") or body["content"]:
        statuses.append(WITH_PARAMETERS)
    if "application/json" in body["content"]:
        statuses.append(NOT_TEXT)
    told = operation["responses"] | {str(status): answer for status, answer in may_fail(*statuses).items()}
    operation["responses"] = dict(sorted(told.items()))
