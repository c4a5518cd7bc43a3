"""`make bench`: how fast Simpang is, beside what others take or the machine allows at most.

Each section is a module that turns a `Plan` into figures. Whatever two figures are compared was
measured in the same run, in turns, so that other work on the machine falls on both.
"""
