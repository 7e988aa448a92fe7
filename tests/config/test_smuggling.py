"""Requests whose end two servers may see in different places: ours sees none, and hangs up."""

from __future__ import annotations

import socket

import pytest

from tests.contention import served

HEAD = b"POST /api/v1/bookings/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HIDDEN = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PLAIN = b"Content-Length: 2\r\n\r\n{}"
DOUBTFUL = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: %d\r\n\r\n{}" % (2 + len(HIDDEN)),
    "a list of lengths": b"Content-Length: 2, 2\r\n\r\n{}",
    "a length with a sign": b"Content-Length: +2\r\n\r\n{}",
    "a space before the colon": b"Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}",
    "an encoding nobody knows": b"Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}",
    "a header on two lines": b"X: a\r\n Content-Length: 2\r\n\r\n{}",
    "a line that ends by half": b"Content-Length: 2\nTransfer-Encoding: chunked\r\n\r\n{}",
}


def answers(port, sent):
    """The status of each answer until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connected:
        connected.sendall(sent)
        heard = b"".join(iter(lambda: connected.recv(65536), b""))
    return [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.django_db(transaction=True)
def test_a_request_whose_end_is_in_doubt_is_refused_and_nothing_behind_it_is_heard():
    with served() as port:
        assert answers(port, HEAD + PLAIN + HIDDEN) == [401, 200]  # what is behind a plain one is heard

        found = {what: answers(port, HEAD + how + HIDDEN) for what, how in DOUBTFUL.items()}

    assert found == {what: [400] for what in DOUBTFUL} | {"an encoding nobody knows": [501]}
