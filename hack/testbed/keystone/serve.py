"""Serves Keystone on loopback: serve.py <keystone.conf> <port>. Its own server program is gone since long; WSGI is its way.

One request at a time, which is all that a test's requests need.
"""

import os
import sys
from wsgiref.simple_server import make_server

config, port = sys.argv[1], int(sys.argv[2])
os.environ["OS_KEYSTONE_CONFIG_FILES"] = config
sys.argv = [sys.argv[0]]

from keystone.server.wsgi import initialize_public_application  # noqa: E402

make_server("127.0.0.1", port, initialize_public_application()).serve_forever()
