"""Clients that call the service as a browser on the same machine does."""

from typing import Any

from fastapi.testclient import TestClient


def client_of(app: Any, **options: Any) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", **options)
