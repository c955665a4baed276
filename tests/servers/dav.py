"""A WebDAV server, as a program.

python dav.py PORT ROOT USER PASSWORD
"""

from __future__ import annotations

import sys

from cheroot.wsgi import Server
from wsgidav.wsgidav_app import WsgiDAVApp


def main(port: str, root: str, user: str, password: str) -> None:
    application = WsgiDAVApp(
        {
            "provider_mapping": {"/": root},
            "simple_dc": {"user_mapping": {"*": {user: {"password": password}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "lock_storage": True,
            "property_manager": False,
            "verbose": 1,
            "logging": {"enable": False},
        }
    )
    Server(("127.0.0.1", int(port)), application, numthreads=20).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
