"""A world in a box: the real engine and the simulated venue in one run of virtual time."""
