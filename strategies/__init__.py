"""How streams are drawn."""
