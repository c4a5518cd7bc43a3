"""`simpang demo`: the whole system on this machine, with recorded films as its cameras.

Broker, central, cameras and one edge site each run in a process of their own, on free ports of
``127.0.0.1``; what they write lies in one folder. Nothing here is part of the product: it only
writes the files and runs the commands that anyone could.
"""

from scripts.demo.cli import app

__all__ = ["app"]
