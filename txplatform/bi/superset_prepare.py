"""Makes Superset's own database ready, in one process of Superset's environment.

Superset's commands for it (`db upgrade`, `fab create-admin`, `init`) import everything anew each
time, half a minute of both cores. It may run again at any time: what is there stays, and the
administrator gets the password that stands on standard input.
"""

import sys
from typing import Any

ADMIN = "admin"


def main(password: str) -> None:
    """Bring tables, permissions and the administrator to what this version needs."""
    from flask_migrate import upgrade
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from superset.extensions import appbuilder, security_manager

        upgrade()
        _forget_unreadable()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        _let_in(security_manager, password)


def _forget_unreadable() -> None:
    """Empty what was encrypted with a key that is lost: it can only be given anew."""
    from superset.extensions import db
    from superset.models.core import Database

    try:
        db.session.query(Database).all()
    except ValueError:  # "Invalid decryption key", which would end everything after it
        db.session.rollback()
        table = Database.__table__
        db.session.execute(table.update().values(password=None, encrypted_extra=None))
        db.session.commit()


def _let_in(security_manager: Any, password: str) -> None:
    known = security_manager.find_user(username=ADMIN)
    if known:
        security_manager.reset_password(known.id, password)
        return
    role = security_manager.find_role("Admin")
    security_manager.add_user(
        ADMIN, "txplatform", "Administrator", "admin@localhost", role, password=password
    )


if __name__ == "__main__":
    main(sys.stdin.readline().rstrip("\n"))
