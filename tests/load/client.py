"""One signed-in person's HTTP connection, with the time of each answer."""

import http.client
import json
import re
import time
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode


class Person:
    """Signs in by the form, keeps cookies, and times each request from first to last byte."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.seconds = 0.0

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Send one request; return status and body, and keep how long it took."""
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **headers}
        started = time.perf_counter()
        self.connection.request(method, path, body, sent)
        answer = self.connection.getresponse()
        content = answer.read()
        self.seconds = time.perf_counter() - started
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer.status, content

    def send(self, method: str, path: str, content: Any) -> tuple[int, Any]:
        """Send JSON as the viewer does; return status and the JSON that came back."""
        status, body = self.ask(
            method,
            path,
            json.dumps(content).encode(),
            **{"Content-Type": "application/json", "X-CSRFToken": self.cookies["csrftoken"]},
        )
        return status, json.loads(body)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in by the form; raises RuntimeError when that was refused."""
        _, page = self.ask("GET", "/sign-in/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if token is None:
            raise RuntimeError("The sign-in page has no form.")
        form = {"login": email, "password": password, "csrfmiddlewaretoken": token[1].decode()}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _ = self.ask("POST", "/sign-in/", urlencode(form).encode(), **kind)
        if status != http.HTTPStatus.FOUND:
            raise RuntimeError(f"Signing in was answered with {status}.")
