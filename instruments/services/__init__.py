"""What changes the catalogue: views and tasks see the services and no file."""

from instruments.services.enter import enter_instrument
from instruments.services.facets import Facet, Facets, count_instruments, count_items
from instruments.services.find import Readings, forget_aliases, index, load_aliases, readings_of
from instruments.services.run import entrust, set_status

__all__ = [
    "Facet",
    "Facets",
    "Readings",
    "count_instruments",
    "count_items",
    "enter_instrument",
    "entrust",
    "forget_aliases",
    "index",
    "load_aliases",
    "readings_of",
    "set_status",
]
