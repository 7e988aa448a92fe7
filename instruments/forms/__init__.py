"""The shape of what people enter about the catalogue."""
