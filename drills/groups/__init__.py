"""Every outcome of every leg of a group, through the real core."""
