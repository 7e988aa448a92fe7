"""REST: `instruments/`, `facilities/`, `categories/`, `test-items/`."""

from instruments.api.catalogue import Categories, Facilities, Instruments, OneInstrument
from instruments.api.items import OneTestItem, TestItems

__all__ = ["Categories", "Facilities", "Instruments", "OneInstrument", "OneTestItem", "TestItems"]
