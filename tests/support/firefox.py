"""Firefox driven by its own remote protocol (Marionette), for what Playwright cannot: Debian's."""

import json
import socket
import subprocess
import time
from contextlib import contextmanager

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key that WebDriver names elements by
PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.disabledForTesting": True,
    "browser.startup.homepage": "about:blank",
    "browser.startup.page": 0,
}


class Firefox:
    """A session; `ask` sends one of WebDriver's commands."""

    def __init__(self, port, patience):
        self._socket = self._connected(port, patience)
        self._socket.settimeout(patience)
        self._key = 0
        self._receive()  # its greeting
        self.ask("WebDriver:NewSession", capabilities={})
        self.ask("WebDriver:SetTimeouts", script=int(1000 * patience))

    @staticmethod
    def _connected(port, patience):
        deadline = time.monotonic() + patience
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port))
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.2)

    def _receive(self):
        length = b""
        while (byte := self._socket.recv(1)) != b":":
            length += byte
        content = b""
        while len(content) < int(length):
            content += self._socket.recv(int(length) - len(content))
        return json.loads(content)

    def close(self):
        self._socket.close()

    def ask(self, command, **parameters):
        self._key += 1
        message = json.dumps([0, self._key, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, key, error, answer = self._receive()
        assert key == self._key
        assert error is None, error
        return answer

    def open(self, address):
        self.ask("WebDriver:Navigate", url=address)

    def run(self, script):
        """Return what a script returns."""
        return self.ask("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def wait(self, script):
        """Run a script that is told, as its last argument, what to call with its answer."""
        return self.ask("WebDriver:ExecuteAsyncScript", script=script, args=[])["value"]

    def choose(self, selector, path):
        """Choose a file."""
        found = self.ask("WebDriver:FindElement", using="css selector", value=selector)
        element = found["value"][_ELEMENT]
        self.ask("WebDriver:ElementSendKeys", id=element, text=str(path))


@contextmanager
def firefox(program, profile, patience):
    """Run it with a profile of its own, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    preferences = {**PREFERENCES, "marionette.port": port}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(v)});" for name, v in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines))
    command = [program, "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        driver = Firefox(port, patience)
        try:
            yield driver
        finally:
            driver.close()
    finally:
        process.terminate()
        process.wait(timeout=patience)
