"""The rows of the lab's table, a shelf of the home page in each file."""
