"""The published folder of the router's tests: both rooms read the same pools."""

from __future__ import annotations

from tests.router.conftest import folder, shelf

__all__ = ["folder", "shelf"]
