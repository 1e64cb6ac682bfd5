"""How the app calls a store: straight to it, whatever the store or the machine says."""

from __future__ import annotations

import requests


class DirectSession(requests.Session):
    """Connections that follow no redirect, and use no proxy or login of the machine.

    A call has the app's secret or a store's token with it, so it goes nowhere but to
    the address that it was made for. What leads elsewhere is an answer like any other.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        """Return None: no answer leads anywhere, whatever a caller asks for."""
        return
