"""Who is refused, and what keeps the page safe."""

import logging
import re
from pathlib import Path

import httpx
import pytest

from tests.page.conftest import running, serving
from tests.support.patience import wait_until
from ticktone.page.guard import refusal

PAGE = Path(__file__).parents[2] / "src" / "ticktone" / "page" / "static"


def asked(path="/api", **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    answer = refusal({"type": "http", "path": path, "headers": pairs})
    return answer and answer.status_code


@pytest.mark.parametrize("host", ["localhost:8421", "127.0.0.1:1", "LOCALHOST", "[::1]:8421"])
def test_this_computer_is_answered(host):
    assert asked(host=host) is None
    assert asked(host=host, origin=f"http://{host}", sec_fetch_site="same-origin") is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example:8421", "127.0.0.1.evil.example", "", "10.0.0.1"],
)
def test_other_names_are_refused(host):
    assert asked(host=host) == 421  # a rebound name has its site's origin too
    assert asked(host=host, origin=f"http://{host}") == 421


def test_two_hosts_are_refused():
    headers = [(b"host", b"localhost"), (b"host", b"evil.example")]
    assert refusal({"type": "http", "path": "/", "headers": headers}).status_code == 421


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://localhost:8421", "http://localhost:3000", ""],
)
def test_other_origins_are_refused(origin):
    assert asked(host="localhost:8421", origin=origin) == 403


def test_what_other_sites_embed_is_refused_and_a_link_is_not():
    host = "localhost:8421"
    for site in ("cross-site", "same-site"):
        assert asked(host=host, sec_fetch_site=site, sec_fetch_mode="no-cors") == 403
        assert asked("/", host=host, sec_fetch_site=site, sec_fetch_mode="navigate") is None
        assert asked("/", host=host, sec_fetch_site=site, sec_fetch_mode="no-cors") == 403


def test_a_foreign_upload_does_not_begin(site, song):
    answer = site.post(
        "/api/songs", content=b"x" * 100_000, headers={"origin": "http://evil.example"}
    )
    assert answer.status_code == 403
    assert site.get("/api").json()["load"]["waiting"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/page.js", "/page.css", "/api", "/nothing"])
def test_every_answer_has_the_headers(site, path):
    check_headers(site.get(path).headers)


def test_a_mistake_of_ours_is_an_answer_too(site, monkeypatch, caplog):
    monkeypatch.setattr(site.songs, "get", lambda id: 1 / 0)
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "handlers", [caplog.handler])
    answer = site.get("/api/songs/1")
    assert answer.status_code == 500
    assert answer.json()["error"].startswith("internal error")
    check_headers(answer.headers)
    # The terminal hears of it after the answer.
    wait_until(lambda: "ZeroDivisionError" in caplog.text)
    assert site.get("/api").status_code == 200


def check_headers(headers):
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_the_page_asks_for_nothing_from_elsewhere():
    for file in set(PAGE.iterdir()) - set(PAGE.glob("*.ogg")):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|@import", text), file.name
    html = (PAGE / "index.html").read_text()
    assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?! type=\"module\" src)", html)


@pytest.fixture
def private(tmp_path):
    with running(tmp_path, token="sesame") as site:
        yield site


@pytest.mark.parametrize("path", ["/", "/page.js", "/api", "/api/songs/1", "/openapi.json"])
def test_who_does_not_know_the_token_is_refused(private, path):
    port = private.base_url.port
    for how in (
        {},
        {"params": {"token": "sesam"}},
        {"params": {"token": ""}},
        {"headers": {"authorization": "Bearer wrong"}},
        {"headers": {"authorization": "Basic sesame"}},
        {"headers": {"cookie": f"ticktone-{port}=wrong"}},
        {"headers": {"cookie": "ticktone-1=sesame"}},  # another server's
    ):
        answer = private.get(path, **how)
        assert answer.status_code == 403, how
        assert answer.json()["error"].startswith("a token is needed; open the address")
        assert "set-cookie" not in answer.headers
        check_headers(answer.headers)


def test_an_upload_without_the_token_does_not_begin(private):
    assert private.post("/api/songs", content=b"x" * 100_000).status_code == 403
    load = private.get("/api", headers={"authorization": "Bearer sesame"}).json()["load"]
    assert load["waiting"] == 0


def test_programs_send_the_token_with_each_request(private):
    assert private.get("/api", headers={"authorization": "Bearer sesame"}).status_code == 200
    assert private.get("/api", params={"token": "sesame"}).status_code == 200
    assert private.get("/api").status_code == 403  # neither has set a cookie


def test_the_opened_address_sets_a_cookie_and_hides_the_token(private):
    answer = private.get("/", params={"token": "sesame"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    check_headers(answer.headers)
    assert private.get("/").status_code == 200
    assert private.get("/api").status_code == 200
    assert private.get("/api", headers={"origin": "http://evil.example"}).status_code == 403


@pytest.mark.slow
def test_the_printed_address_lets_in_and_nothing_else_does():
    with serving(token=True) as (address, _):
        bare, _, token = address.partition("/?token=")
        assert len(token) >= 22  # 128 bits
        assert httpx.get(f"{bare}/api").status_code == 403
        with httpx.Client(follow_redirects=True) as browser:
            assert browser.get(address).status_code == 200
            assert browser.get(f"{bare}/api").status_code == 200


@pytest.mark.slow
def test_without_a_token_all_are_answered():
    with serving("--no-token") as (address, _):
        assert "token" not in address
        assert httpx.get(f"{address}/api").status_code == 200
