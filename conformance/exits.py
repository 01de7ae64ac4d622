"""What the command exits with."""

CONFORMS, BROKEN, COULD_NOT_JUDGE = 0, 1, 2
