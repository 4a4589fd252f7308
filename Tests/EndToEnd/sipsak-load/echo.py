#!/usr/bin/env python3
"""Answers every SIP request on 127.0.0.1:PORT with 200, copying its headers. Counts until it is stopped."""
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
server.bind(("127.0.0.1", int(sys.argv[1])))
while True:
    request, source = server.recvfrom(65535)
    end = request.find(b"\r\n")
    if end > 0:
        server.sendto(b"SIP/2.0 200 OK" + request[end:], source)
