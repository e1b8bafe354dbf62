"""Superset's API: what the platform asks of it, as its administrator or as somebody else."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx
import yaml

from txplatform.bi.documents import Document, parsed
from txplatform.errors import ServerError

SECONDS = 120.0
PAGE_SIZE = 100


class Client:
    """Somebody who is logged in; to be closed."""

    def __init__(self, address: str, user: str, password: str, remedy: str = "") -> None:
        """Log in.

        Args:
            address: such as http://127.0.0.1:8088.
            user: the name of a login.
            password: its password.
            remedy: what to do if it is refused, for the sentence.

        Raises:
            ServerError: Superset is not there, or refuses the password.
        """
        self._http = httpx.Client(base_url=address, timeout=SECONDS)
        self._address, self._remedy = address, remedy
        login = {"username": user, "password": password, "provider": "db", "refresh": False}
        token = self.post("security/login", login)["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        answer = self._ask("GET", "security/csrf_token/")
        self._http.headers["X-CSRFToken"] = answer.json()["result"]
        # Behind a proxy it is for TLS only and httpx would keep it back: this is the same machine.
        self._http.headers["Cookie"] = "; ".join("=".join(one) for one in answer.cookies.items())
        self._http.headers["Referer"] = address

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str, **parameters: str) -> Any:
        """What is at a path of the API."""
        return self._ask("GET", path, params=parameters).json()

    def post(self, path: str, body: Document) -> Any:
        """What the API answers to something new."""
        return self._ask("POST", path, json=body).json()

    def put(self, path: str, body: Document) -> Any:
        """What the API answers to a change."""
        return self._ask("PUT", path, json=body).json()

    def all(self, resource: str) -> list[Document]:
        """Every item of a list, page by page."""
        found: list[Document] = []
        while True:
            query = f"(page:{len(found) // PAGE_SIZE},page_size:{PAGE_SIZE})"
            page = self.get(f"{resource}/", q=query)
            found += page["result"]
            if len(found) >= page["count"] or not page["result"]:
                return found

    def export(self) -> dict[str, Document]:
        """Every database, dataset, chart and dashboard, by uuid, with its kind under `kind`."""
        answer = self._ask("GET", "assets/export/")
        found: dict[str, Document] = {}
        with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
            for name in bundle.namelist():
                document = parsed(bundle.read(name))
                if "uuid" in document:
                    kind = name.split("/")[1]
                    found[document["uuid"]] = {"kind": kind, **document}
        return found

    def load(self, documents: list[Document], passwords: Mapping[str, str]) -> None:
        """Make Superset have these documents, whatever it had of them; others stay.

        Args:
            documents: as `export` gives them.
            passwords: of the databases, by uuid.
        """
        bundle, given = io.BytesIO(), {}
        with zipfile.ZipFile(bundle, "w") as file:
            about = {"version": "1.0.0", "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"}
            file.writestr("bundle/metadata.yaml", yaml.safe_dump(about))
            for document in documents:
                name = f"{document['kind']}/{document['uuid']}.yaml"
                content = {key: value for key, value in document.items() if key != "kind"}
                file.writestr(f"bundle/{name}", yaml.safe_dump(content, sort_keys=False))
                if document["uuid"] in passwords:
                    given[name] = passwords[document["uuid"]]
        self._ask(
            "POST",
            "assets/import/",
            data={"passwords": json.dumps(given), "sparse": "true"},
            files={"bundle": ("bundle.zip", bundle.getvalue(), "application/zip")},
        )

    def _ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, f"/api/v1/{path}", **parts)
        except httpx.HTTPError as error:
            raise ServerError(
                f"Superset at {self._address} does not answer ({type(error).__name__}): "
                "`txplatform bi status` says more."
            ) from None
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise ServerError(
                f"Superset at {self._address} refuses the password: {self._remedy or 'try again.'}"
            )
        if not answer.is_success:  # a page to log in on is no answer, either
            said = reason(answer) or answer.reason_phrase
            raise ServerError(f"Superset refuses {method} {path} ({answer.status_code}): {said}")
        return answer


def reason(answer: httpx.Response) -> str:
    """What Superset says of a refusal, on one line: it answers in JSON, or with a page."""
    try:
        said = answer.json()
    except ValueError:
        text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", answer.text, flags=re.DOTALL)
    else:
        errors = said.get("errors") if isinstance(said, dict) else None
        first = errors[0] if errors else said
        text = str(first.get("message", first) if isinstance(first, dict) else first)
    return " ".join(text.split())[:400]
