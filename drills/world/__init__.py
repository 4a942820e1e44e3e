"""A whole world in virtual time: the engine, the exchange and a market, run from one seed."""
