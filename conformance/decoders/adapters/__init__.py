"""Packages in the field, each called as its users call it; a module is imported only when its decoder is asked for."""
