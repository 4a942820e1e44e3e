"""Kill the engine at every named point, start it again, and let two witnesses judge."""
