"""What the registry does by itself: beat calls these, and each calls one service."""
