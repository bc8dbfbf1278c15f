"""A socket to serve on."""

import socket

from zoo.errors import UserError


def listen(host: str, port: int, option: str) -> socket.socket:
    """A socket that listens; a port of 0 is any that is free.

    Args:
        host: name or address.
        port: to take.
        option: of the command line, that gives another port.

    Raises:
        UserError: the port is taken, or the host is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends small packets at once (TCP_NODELAY): else the end of
    # an answer would wait 40 ms for the client to acknowledge its beginning.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # now, and not after the models are loaded: else two could have it
    except OSError as error:
        listening.close()
        raise taken(host, port, option) from error
    return listening


def taken(host: str, port: int, option: str) -> UserError:
    """The error of a port that another has."""
    return UserError(f"{host} port {port} cannot be listened on: choose another with {option}")


def in_url(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host
