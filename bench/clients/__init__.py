"""Programs that fetch a URL and throw its content away, each a process of its own.

Each prints what it took as one line of JSON, measured around the work alone: the interpreter's
start and the imports are not in it.
"""
