"""The operator's pages: what is open, what waits for a word, and how the cameras are.

HTML only: it reads central's read model and the store, and knows no SQL and no broker. What an
operator does here goes through the JSON API, so that every rule is held in one place.
"""
