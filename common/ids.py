"""Ids that the API shows: UUID version 7 (RFC 9562), so that rows made together lie together."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh id, later than those before it."""
    return uuid7()
