#!/usr/bin/env python3
"""Between plain TCP and TLS, for peers that speak TCP only: Debian's SIPp is built without TLS.

    tls-bridge.py client LISTEN TARGET CA      plain on LISTEN, TLS to TARGET
    tls-bridge.py server LISTEN TARGET CERT    TLS on LISTEN, plain to TARGET
"""
import socket
import ssl
import sys
import threading


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(plain, mode, context, target):
    try:
        if mode == "server":
            near = context.wrap_socket(plain, server_side=True)
            far = socket.create_connection(("127.0.0.1", target))
        else:
            near = plain
            far = context.wrap_socket(socket.create_connection(("127.0.0.1", target)), server_hostname="127.0.0.1")
    except OSError as error:
        print("handshake:", error, flush=True)
        plain.close()
        return
    back = threading.Thread(target=pump, args=(far, near), daemon=True)
    back.start()
    pump(near, far)


mode, listen, target, file = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
if mode == "server":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
else:
    context = ssl.create_default_context(cafile=file)
listener = socket.create_server(("127.0.0.1", listen), backlog=256)
while True:
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(connection, mode, context, target), daemon=True).start()
