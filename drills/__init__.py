"""Named drills: each proves one promise against real processes, and says how it was shown."""
