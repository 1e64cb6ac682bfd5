"""Free ports are told from taken ones."""

import socket

import pytest

from app.local.ports import HIGHEST_PORT, free_port, port_is_free


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(taken_port):
    assert not port_is_free(taken_port)


def test_a_taken_port_is_passed_over_upward(taken_port):
    found = free_port(taken_port)
    assert found > taken_port
    assert port_is_free(found)


def test_past_the_last_port_there_is_none():
    with pytest.raises(OSError, match="no port"):
        free_port(HIGHEST_PORT + 1)
