"""Have a running `ticktone serve` split a song, and save its parts and a drumless remix here.

python examples/send_a_song.py SONG [ADDRESS]
"""

import json
import sys
import time
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen


def ask(address, method="GET", content=None):
    """Give the body of the server's answer."""
    with urlopen(Request(address, content, method=method)) as answer:
        return answer.read()


def main(song, server="http://127.0.0.1:8421"):
    """Send, wait, save, delete."""
    name = quote(Path(song).name)
    sent = json.loads(ask(f"{server}/api/songs?name={name}", "POST", Path(song).read_bytes()))
    here = f"{server}/api/songs/{sent['id']}"
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
