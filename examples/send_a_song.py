"""Have a running `ticktone serve` split a song, and save its parts and a drumless remix here.

python examples/send_a_song.py SONG ADDRESS

The address is the one that `ticktone serve` has printed, with its token.
"""

import json
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import Request, urlopen


def connect(address):
    """Return a function that asks the server at an address, and returns its answer's body."""
    parts = urlsplit(address)
    headers = {}
    if token := parse_qs(parts.query).get("token"):
        headers["Authorization"] = f"Bearer {token[0]}"

    def ask(path, method="GET", content=None):
        request = Request(f"{parts.scheme}://{parts.netloc}{path}", content, headers, method=method)
        with urlopen(request) as answer:
            return answer.read()

    return ask


def main(song, server="http://127.0.0.1:8421"):
    """Send, wait, save, delete."""
    ask, name = connect(server), quote(Path(song).name)
    sent = json.loads(ask(f"/api/songs?name={name}", "POST", Path(song).read_bytes()))
    here = f"/api/songs/{sent['id']}"
    try:
        while sent["state"] in ("waiting", "working"):
            time.sleep(0.5)
            sent = json.loads(ask(here))
        if sent["error"]:
            sys.exit(sent["error"])
        for part in sent["result"]["parts"]:
            Path(part["file"]).write_bytes(ask(f"{here}/parts/{part['name']}"))
        Path(sent["result"]["remix"]).write_bytes(ask(f"{here}/remix?percussive=-inf"))
    finally:
        ask(here, "DELETE")


if __name__ == "__main__":
    main(*sys.argv[1:])
