"""Histories that the database's own triggers keep."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db.models import Model


def every_change(model: type[Model], **more: Any) -> Any:
    """The base of a model of events: a row of it for each row of `model` that comes, changes or goes, for good."""
    events = [pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()]
    return pghistory.create_event_model(model, *events, append_only=True, **more)
