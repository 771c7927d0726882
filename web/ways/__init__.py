"""Ways: how one gets from what the inspector shows to what is around, below and above it."""
