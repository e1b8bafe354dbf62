"""The API starts with whatever of its servers answers."""

from fastapi.testclient import TestClient
from pydantic import SecretStr

from txplatform.embedded.processes import free_port
from txplatform.platform import Platform
from txplatform.serving.api import app


def test_without_mongodb_the_api_starts_and_answers_what_needs_none(platform: Platform) -> None:
    """Catches: one server that is away taking every endpoint with it."""
    nowhere = SecretStr(f"mongodb://127.0.0.1:{free_port()}/?serverSelectionTimeoutMS=500")
    lame = Platform(platform.settings.model_copy(update={"mongo_uri": nowhere}))

    app.warm_up(lame)

    with TestClient(app.build(lame), "http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        assert client.get("/spend/weeks").status_code == 200
    lame.close()
