"""Pages of the registry: what runs a catalogue record from its entry to its end."""
