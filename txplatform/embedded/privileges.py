"""How root runs a program that refuses to be root: as an unprivileged user, by `setpriv`.

That user can neither enter root's home nor read its files, where the programs and the data may
lie. So it keeps one capability: to read and to search every folder (which Docker's root lacks), or
to overrule every permission (which Docker's root has), or none where root has neither.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_CAPABILITIES = ("dac_read_search", "dac_override", None)
_UNPRIVILEGED = "nobody"
REFUSAL = (
    "PostgreSQL refuses to run as root, and this root cannot run it as another user with setpriv "
    "of util-linux; an ordinary user can"
)


@dataclass(frozen=True)
class Runner:
    """What goes before a command, and the ids of the user that it runs as (None: ours)."""

    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None
    is_able: bool = True

    def give(self, folder: Path) -> None:
        """Make that user the owner of a folder."""
        if self.owner:
            os.chown(folder, *self.owner)


def runner(program: Path, data: Path) -> Runner:
    """How this user runs `program` on the folder `data`, which need not exist yet.

    Args:
        program: it must answer to `--version`.
        data: as root, the program runs as this folder's owner, so that it stays usable.
    """
    if os.geteuid() != 0:
        return Runner()
    setpriv, owner = shutil.which("setpriv"), _owner(data)
    for capability in _CAPABILITIES if setpriv and owner else ():
        prefix = _prefix(str(setpriv), owner, capability)
        command = [*prefix, str(program), "--version"]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return Runner(prefix, owner)
    return Runner(is_able=False)


def _owner(data: Path) -> tuple[int, int] | None:
    if data.exists() and data.stat().st_uid:
        return data.stat().st_uid, data.stat().st_gid
    try:
        user = pwd.getpwnam(_UNPRIVILEGED)
    except KeyError:
        return None
    return user.pw_uid, user.pw_gid


def _prefix(setpriv: str, owner: tuple[int, int] | None, capability: str | None) -> tuple[str, ...]:
    user, group = owner or (0, 0)
    identity = (setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups")
    if capability is None:
        return identity
    kept = f"=-all,+{capability}"
    sets = (f"--inh-caps{kept}", f"--ambient-caps{kept}", f"--bounding-set{kept}")
    # access(2) heeds a capability of an ordinary user under this bit only; initdb looks with it.
    return (*identity, *sets, "--no-new-privs", "--securebits=+no_setuid_fixup")
