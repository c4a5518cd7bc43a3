"""What was seen, and what it means: pure computing on arrays and typed values.

Nothing here opens a file, a socket or a clock: frames come in with the time they were captured at,
and every function takes the time it needs. Imports numpy and pydantic only; a linter holds that.
"""
