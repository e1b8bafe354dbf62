"""A tiny client of Dagster's GraphQL API: `requests` alone, and every error one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

SERVER_ERROR = 500
REFUSED = (401, 403)
BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)


class DagsterError(Exception):
    """What Dagster refused or could not do, as a sentence for a person."""


class DagsterUnreachable(DagsterError):  # noqa: N818 - the state of a server, not a mistake
    """No answer that Dagster gave; asking again later may help."""


class DagsterUsageError(DagsterError):
    """What was asked for does not exist in Dagster; asking again will not help."""


@dataclass(frozen=True)
class Dagster:
    """One Dagster webserver.

    Attributes:
        url: address of the webserver, without `/graphql`.
        headers: sent with every request, such as `Authorization`.
        basic_auth: user and password, for a proxy that asks for them.
        verify: whether to check the server's certificate, or the file of its authority.
        cert: file of a client certificate with its key.
        timeout: seconds until a request without an answer is given up.
        ui_url: address of the webserver as people's browsers see it; unset, `url`.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)
    verify: bool | str = True
    cert: str | None = None
    timeout: float = 30
    ui_url: str | None = None

    def query(self, document: str, **variables: object) -> dict[str, Any]:
        """The `data` of a GraphQL document's answer.

        Raises:
            DagsterUnreachable: the webserver does not answer, or answers that it cannot.
            DagsterError: the webserver refuses the request.
        """
        response = self._post({"query": document, "variables": variables})
        if response.status_code in REFUSED:
            raise DagsterError(
                f"Dagster at {self.url} refuses the credentials of the Airflow connection "
                f"(HTTP {response.status_code})."
            )
        answer = self._json_of(response)
        if errors := answer.get("errors"):
            raise DagsterError(f"Dagster at {self.url} refuses a query: {errors[0]['message']}")
        data: dict[str, Any] = answer["data"]
        return data

    def one(self, document: str, expected: str, **variables: object) -> dict[str, Any]:
        """The only field of an answer that is a union: its member `expected`.

        Raises:
            DagsterError: the answer is another member, or `query` raises.
        """
        (answer,) = self.query(document, **variables).values()
        if answer["__typename"] != expected:
            details = [answer, *answer.get("errors", ())]
            messages = [each["message"] for each in details if each.get("message")]
            raise DagsterError(
                f"Dagster at {self.url} answers {': '.join((answer['__typename'], *messages[:1]))}"
            )
        found: dict[str, Any] = answer
        return found

    def run_url(self, run_id: str) -> str:
        """The page of a run in Dagster's UI."""
        return f"{(self.ui_url or self.url).rstrip('/')}/runs/{run_id}"

    def _post(self, body: dict[str, Any]) -> requests.Response:
        try:
            return requests.post(
                f"{self.url.rstrip('/')}/graphql",
                json=body,
                headers=dict(self.headers),
                auth=self.basic_auth,
                verify=self.verify,
                cert=self.cert,
                timeout=self.timeout,
                allow_redirects=False,  # a login page is no answer, and a POST would become a GET
            )
        except requests.exceptions.SSLError as error:
            raise DagsterError(
                f"Dagster at {self.url} has no trusted certificate: {reason(error)}."
            ) from None
        except BAD_ADDRESS as error:
            raise DagsterUsageError(f"The Airflow connection has no usable URL: {error}.") from None
        except (requests.RequestException, OSError) as error:
            raise DagsterUnreachable(
                f"Dagster at {self.url} does not answer: {reason(error)}."
            ) from None

    def _json_of(self, response: requests.Response) -> dict[str, Any]:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if isinstance(answer, dict) and ("data" in answer or "errors" in answer):
            return answer
        status = f"HTTP {response.status_code}"
        if response.status_code >= SERVER_ERROR:
            raise DagsterUnreachable(f"Dagster at {self.url} cannot answer now ({status}).")
        raise DagsterError(
            f"{self.url} does not answer like Dagster's webserver ({status}): name its address, "
            "and a token if a login stands before it."
        )


def reason(error: BaseException) -> str:
    """The innermost cause of a failed request, without the wrapping of three libraries."""
    while True:
        inner = getattr(error, "reason", None) or next(
            (part for part in error.args if isinstance(part, BaseException)), None
        )
        if not isinstance(inner, BaseException):
            return str(error).rsplit(": ", 1)[-1].rstrip(".")
        error = inner
