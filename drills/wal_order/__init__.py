"""Show that each order's record was durable before its first byte left."""
