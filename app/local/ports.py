"""Which ports of this machine are free."""

import socket

HIGHEST_PORT = 65535


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # As servers do it, so that a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(preferred: int) -> int:
    """The first free port of 127.0.0.1 from the preferred one upward."""
    for port in range(preferred, HIGHEST_PORT + 1):
        if port_is_free(port):
            return port
    raise OSError(f"no port from {preferred} upward is free")
