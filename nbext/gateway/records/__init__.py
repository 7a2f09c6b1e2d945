"""What a gateway logs: payload tables and usage tables of both routes."""
