"""Named drills that prove the engine's promises; none exists yet."""
