"""The forms of this room: shape only, the rules are asked by the services."""
