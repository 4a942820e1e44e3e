"""One file a command group; no logic of trading lives here."""
