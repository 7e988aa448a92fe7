"""Sets the portal up, starts the servers that it embeds, and keeps it running; standard library only."""
