"""What changes the catalogue: views and tasks see the services and no file."""

from instruments.services.enter import enter_instrument, search_document_of
from instruments.services.run import entrust, put_away, set_status

__all__ = ["enter_instrument", "entrust", "put_away", "search_document_of", "set_status"]
