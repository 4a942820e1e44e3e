"""The engine: pure core, thin shell."""
