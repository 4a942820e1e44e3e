"""What is tried under REDUCE_ONLY and KILL, and what the venue and the ledger say became of it."""
