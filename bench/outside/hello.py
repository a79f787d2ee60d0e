# The smallest WSGI app.
import os


def app(_environ, start_response):
    headers = [("Content-Type", "text/plain"), ("Content-Length", "6"), ("pid", str(os.getpid()))]
    start_response("200 OK", headers)
    return [b"hello\n"]
