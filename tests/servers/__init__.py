"""Real servers on loopback for tests: Git by path, daemon, HTTP and SSH; DVC remotes by WebDAV and SFTP.

See `tests.servers.fixtures`.
"""

from tests.servers.dvcremotes import DVC_KINDS, DvcRemote
from tests.servers.gitservers import GIT_KINDS, GitServer, Request

__all__ = ["DVC_KINDS", "GIT_KINDS", "DvcRemote", "GitServer", "Request"]
