"""The journal: what is durable, in order, and never changed."""
