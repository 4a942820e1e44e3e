"""The screen: a client of the engine's socket, in a process of its own."""
