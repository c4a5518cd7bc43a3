"""The JSON API, the live feed, health and metrics: HTTP over the books, and no rule of its own."""

from central.api.app import create_app

__all__ = ["create_app"]
