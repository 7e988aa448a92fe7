"""Pages of bookings: they translate and call one service."""
