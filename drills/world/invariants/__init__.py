"""What must hold after every step, each a named function (RELIABILITY §5)."""
