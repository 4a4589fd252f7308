"""A phone on TCP that listens nowhere: what the script says of its connection shows in where requests come, and whether it is closed.

connections.py PROXY_PORT
"""
import socket
import sys

port = int(sys.argv[1])


def request(method, via_port, number, contact=""):
    return (
        f"{method} sip:127.0.0.1:{port} SIP/2.0\r\n"
        f"Via: SIP/2.0/TCP 127.0.0.1:{via_port};branch=z9hG4bKc{method}{number}\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=t{number}\r\nTo: <sip:a@127.0.0.1>\r\n"
        f"Call-ID: {method}{number}@test\r\nCSeq: 1 {method}\r\n{contact}Content-Length: 0\r\n\r\n"
    ).encode()


def connect():
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    return connection


def read(connection):
    """One message without a body; empty at the end of the stream."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(4096)
        if not more:
            return data.decode()
        data += more
    return data.decode()


# The Via of the REGISTER says port 6, where nobody listens: requests for it come over this connection.
phone = connect()
phone.sendall(request("REGISTER", 6, 1, "Contact: <sip:a@127.0.0.1:6;transport=tcp>\r\n"))
assert read(phone).startswith("SIP/2.0 200"), "no 200 for the REGISTER"
# The same from somebody else does not take the way away from the first.
other = connect()
other.sendall(request("REGISTER", 6, 2, "Contact: <sip:b@127.0.0.1:6;transport=tcp>\r\n"))
assert read(other).startswith("SIP/2.0 200"), "no 200 for the second REGISTER"
caller = connect()
caller.sendall(request("MESSAGE", 9, 3))
arrived = read(phone)
assert arrived.startswith("MESSAGE sip:127.0.0.1:6 "), f"over the phone's connection came {arrived!r}"
print("MESSAGE over the connection of the REGISTER")

closing = connect()
closing.sendall(request("OPTIONS", 9, 4))
assert read(closing).startswith("SIP/2.0 200"), "no 200 for OPTIONS"
assert closing.recv(10) == b"", "the connection stays open behind set_reply_close()"
print("closed behind the answer")
# The others are still there.
caller.sendall(request("INVITE", 9, 5))
assert read(caller).startswith("SIP/2.0 404"), "another connection was closed"
print("others stay open")
