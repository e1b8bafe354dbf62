"""Superset's configuration, read in Superset's own environment; it imports nothing of txplatform.

What differs between installations comes as variables: `txplatform.bi.server` sets them for the
processes that it starts, docker-compose.yml for its service.
"""

import os
import runpy
from pathlib import Path

SECRET_KEY = os.environ["TXPLATFORM_SUPERSET_SECRET"]
SQLALCHEMY_DATABASE_URI = os.environ["TXPLATFORM_SUPERSET_DATABASE"]
SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5}

APP_NAME = "txplatform BI"
LANGUAGES = {
    "en": {"flag": "us", "name": "English"},
    "fr": {"flag": "fr", "name": "Français"},
}
BABEL_DEFAULT_LOCALE = "en"
DEFAULT_TIME_FILTER = "No filter"
ROW_LIMIT = 50_000
SQL_MAX_ROW = 100_000
SUPERSET_WEBSERVER_TIMEOUT = 60
FEATURE_FLAGS = {
    "DRILL_TO_DETAIL": True,
    # The limits of an analyst's rows hold wherever SQL is written.
    "RLS_IN_SQLLAB": True,
    "ALLOW_ADHOC_SUBQUERY": False,
}
# Whoever has no SQL Lab writes no SQL in charts either.
FLASK_APP_MUTATOR = runpy.run_path(str(Path(__file__).with_name("superset_access.py")))["guard"]
# Nothing is uploaded, nothing is mailed, nobody registers himself.
AUTH_USER_REGISTRATION = False
PUBLIC_ROLE_LIKE = None
ALERT_REPORTS_NOTIFICATION_DRY_RUN = True

# No outside: neither the pixel that every page of Superset asks for, nor maps, nor avatars.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
        "frame-ancestors": ["'none'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # the proxy before it speaks TLS
    "session_cookie_secure": False,
}
ENABLE_PROXY_FIX = bool(os.environ.get("TXPLATFORM_SUPERSET_PROXY"))
SESSION_COOKIE_SECURE = ENABLE_PROXY_FIX
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "txplatform-bi"
CONTENT_SECURITY_POLICY_WARNING = False
WTF_CSRF_ENABLED = True
LOG_LEVEL = "WARNING"
