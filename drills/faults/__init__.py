"""Named fault drills: what is injected, and beside it what must and must not come of it."""
