"""Where other people's frameworks meet our accounts."""
