#!/usr/bin/env python3
"""Sends one request with a host name in its Request-URI and prints what comes back: ask.py PROXY_PORT URI WAIT_SECONDS [METHOD]"""
import os
import socket
import sys
import time

proxy, uri, wait = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
method = sys.argv[4] if len(sys.argv) > 4 else "OPTIONS"
caller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
caller.bind(("127.0.0.1", 0))
mark = os.urandom(6).hex()
caller.sendto(
    (
        f"{method} {uri} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{caller.getsockname()[1]};branch=z9hG4bK{mark};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:test@127.0.0.1>;tag={mark}\r\nTo: <{uri}>\r\nCall-ID: {mark}\r\n"
        f"CSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
    ).encode(),
    ("127.0.0.1", proxy),
)
begun = time.monotonic()
while (left := begun + wait - time.monotonic()) > 0:
    caller.settimeout(left)
    try:
        answer = caller.recv(65535).decode()
    except TimeoutError:
        break
    print(f"{time.monotonic() - begun:.1f} {answer.splitlines()[0]}", flush=True)
    if not answer.startswith("SIP/2.0 1"):
        sys.exit(0)
sys.exit(1)
