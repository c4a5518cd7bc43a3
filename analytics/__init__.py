"""What was seen, and what it means: pure computing on arrays and typed values.

Nothing here opens a file, a socket or a clock: frames come in with the time they were captured at,
and every function takes the time it needs. Imports numpy, pydantic and scipy's solver; a linter
holds that it imports nothing that does I/O.
"""
