"""Clients that are slow or silent, and those who come after them."""

import socket
from contextlib import ExitStack

import pytest

from tests.page.conftest import running
from tests.support.files import names
from tests.support.patience import PATIENCE, wait_until
from ticktone.page import connections, upload

HEADER = b"POST /api/songs?name=a.wav HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def connect(site):
    with ExitStack() as open_ones:

        def connect(sent=b"", to=site):
            client = socket.create_connection(to.songs_address, timeout=PATIENCE)
            open_ones.enter_context(client)
            client.sendall(sent)
            return client

        yield connect


def is_closed(client):
    try:
        return client.recv(1) == b""
    except ConnectionResetError:  # as it is if the server has not read what was sent
        return True


@pytest.mark.parametrize("sent", [b"", b"GET /api HTTP/1.1\r\nHost: loc"])
def test_idle_connections_shut_nobody_out(site, connect, sent, monkeypatch):
    monkeypatch.setattr(connections, "_HEADER_PATIENCE", 2 * PATIENCE)  # so that none times out
    clients = [connect(sent) for _ in range(120)]
    assert site.get("/api").status_code == 200
    assert is_closed(clients[0])  # the oldest made room


@pytest.mark.slow
def test_what_is_at_work_makes_no_room_for_idle_ones(site, connect, song):
    content = song("a.wav", 1.0).read_bytes()
    length = f"Content-Length: {len(content)}\r\n\r\n".encode()
    sending = connect(HEADER + length + content[:20_000])
    wait_until(lambda: names(site.songs.folder))
    for _ in range(120):
        connect()
    assert site.get("/api").status_code == 200
    sending.sendall(content[20_000:])
    assert b" 202 " in sending.recv(100)


def received(client):
    """Return all that comes until the server closes the connection."""
    pieces = b""
    while piece := client.recv(10_000):
        pieces += piece
    return pieces


@pytest.mark.slow
def test_a_header_that_does_not_come_is_not_waited_for(site, connect, monkeypatch):
    monkeypatch.setattr(connections, "_HEADER_PATIENCE", 0.3)
    assert received(connect()) == b""
    assert received(connect(b"GET /api HTTP/1.1\r\nHost: loc")) == b""
    monkeypatch.setattr(connections, "_HEADER_PATIENCE", 2.0)  # enough for one that does come
    client = connect(b"GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert client.recv(10_000).startswith(b"HTTP/1.1 200")
    client.sendall(b"GET /api HTTP/1.1\r\nHost: loc")  # the next one of a connection kept alive
    while piece := client.recv(10_000):
        assert not piece.startswith(b"HTTP/1.1")


@pytest.mark.slow
def test_a_header_that_trickles_is_not_waited_for(site, connect, monkeypatch):
    monkeypatch.setattr(connections, "_HEADER_PATIENCE", 0.3)
    client = connect(b"GET /api HTTP/1.1\r\nX: ")
    client.settimeout(0.05)
    assert trickle(client) == b""


def trickle(client):
    """Send a byte now and then until an answer comes or the connection ends."""
    for _ in range(2000):
        try:
            client.sendall(b"x")
            return client.recv(100)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
    pytest.fail("it is still waited for")


@pytest.mark.slow
def test_nine_stalled_uploads_give_their_places_up(tmp_path, connect, monkeypatch):
    monkeypatch.setattr(upload, "_PATIENCE", 6.0)  # enough for nine to begin
    place = tmp_path / "nine"
    place.mkdir()
    with running(place, queue=8) as site:
        stalled = [connect(HEADER + b"Content-Length: 1000\r\n\r\nRIFF", site) for _ in range(9)]
        wait_until(lambda: len(list(place.iterdir())) == 9)
        assert site.post("/api/songs", content=b"RIFF").status_code == 503
        for client in stalled:
            assert b" 408 " in client.recv(100)
        wait_until(lambda: site.get("/api").json()["load"]["room"] == 9)
        assert names(place) == []
        assert site.post("/api/songs", content=b"RIFF").status_code == 202


@pytest.mark.slow
def test_an_upload_that_trickles_gives_its_place_up(site, connect, monkeypatch):
    monkeypatch.setattr(upload, "_PATIENCE", 0.3)
    client = connect(HEADER + b"Content-Length: 100000\r\n\r\nRIFF")
    client.settimeout(0.05)
    assert b" 408 " in trickle(client)


@pytest.mark.slow
def test_an_upload_that_goes_on_is_waited_for(site, connect, song, monkeypatch):
    """However long it takes in all."""
    monkeypatch.setattr(upload, "_PATIENCE", 4.0)
    content = song("a.wav", 1.0).read_bytes()
    client = connect(HEADER + f"Content-Length: {len(content)}\r\n\r\n".encode())
    client.settimeout(0.5)
    for start in range(0, len(content), 18_000):
        client.sendall(content[start : start + 18_000])
        if start + 18_000 < len(content):
            with pytest.raises(TimeoutError):
                client.recv(100)
    client.settimeout(PATIENCE)
    assert b" 202 " in client.recv(100)
