"""REST: `instruments/`, `facilities/`, `categories/`."""

from instruments.api.catalogue import Categories, Facilities, Instruments, OneInstrument

__all__ = ["Categories", "Facilities", "Instruments", "OneInstrument"]
