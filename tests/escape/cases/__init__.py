# SPDX-License-Identifier: Apache-2.0
"""Attacks that are no single program: on the door, on the limits of a request, on the server's own bookkeeping.

Each is a function of one Context that raises Problem or Skip, and returns what it saw in a few words.
"""


class Skip(Exception):
    """Why a case says nothing on this machine."""


class Context:
    """What a case may use: the running server, the bait, and a way to start more servers."""

    def __init__(self, server, setup, start):
        self.server, self.setup, self.start = server, setup, start


REGISTRY = []


def case(name, attack, promise, own_server=False):
    """Registers a function. own_server: it starts servers of its own and is given none."""
    def register(function):
        function.case_name, function.attack, function.promise = name, attack, promise
        function.own_server = own_server
        REGISTRY.append(function)
        return function
    return register


def load_cases():
    from cases import door, limits, lifetime, races, steps  # noqa: F401  each registers its own
    return list(REGISTRY)
