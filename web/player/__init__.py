"""The player: what is worth saying of a trace, step by step, on a page and on paper."""
