"""Serves Keystone on loopback: serve.py <keystone.conf> <port>. Its own server program is gone since long; WSGI is its way."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

config, port = sys.argv[1], int(sys.argv[2])
os.environ["OS_KEYSTONE_CONFIG_FILES"] = config
sys.argv = [sys.argv[0]]

from keystone.server.wsgi import initialize_public_application  # noqa: E402


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


make_server("127.0.0.1", port, initialize_public_application(), Server).serve_forever()
