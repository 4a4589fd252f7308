#!/usr/bin/env python3
"""A SIP client over WebSocket, as a browser has it: registers, is called, answers, is hung up on; then calls, and hangs up.

    webphone.py ws://127.0.0.1:PORT PROXY_HOST_PORT USER CALLED_USER [CA_FILE]

Its Contact and Via name a host that does not exist (RFC 7118 §5): it can be reached over this connection only. Prints a line
for each step."""
import asyncio
import os
import ssl
import sys

import websockets

url, proxy, user, called = sys.argv[1:5]
transport = url.split(":")[0]
context = ssl.create_default_context(cafile=sys.argv[5]) if len(sys.argv) > 5 else None
host = f"{os.urandom(6).hex()}.invalid"
contact = f"<sip:{user}@{host};transport={'ws'}>"
BODY = "v=0\r\no=web 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40004 RTP/AVP 0\r\n"


def via():
    return f"Via: SIP/2.0/{transport.upper()} {host};branch=z9hG4bK{os.urandom(6).hex()};rport\r\n"


def parse(text):
    head, _, body = text.partition("\r\n\r\n")
    lines = head.split("\r\n")
    return lines[0], [line.split(":", 1) for line in lines[1:]], body


def values(message, name):
    return [value.strip() for key, value in message[1] if key.strip().lower() == name.lower()]


def answer(request, status, extra="", body=""):
    text = f"SIP/2.0 {status}\r\n"
    for name in ("Via", "Record-Route"):
        for value in values(request, name):
            text += f"{name}: {value}\r\n"
    to = values(request, "To")[0]
    if ";tag=" not in to:
        to += ";tag=web"
    text += f"From: {values(request, 'From')[0]}\r\nTo: {to}\r\nCall-ID: {values(request, 'Call-ID')[0]}\r\n"
    text += f"CSeq: {values(request, 'CSeq')[0]}\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}"
    return text


async def receive(socket, beginning):
    """The next message that begins so; provisional answers and keep-alives are passed over."""
    while True:
        text = await asyncio.wait_for(socket.recv(), 15)
        if isinstance(text, bytes):
            text = text.decode()
        message = parse(text)
        if message[0].startswith("SIP/2.0 1"):
            continue
        if not message[0].startswith(beginning):
            sys.exit(f"expected {beginning}, got {message[0]}")
        return message


async def main():
    async with websockets.connect(url, subprotocols=["sip"], ssl=context) as socket:
        assert socket.subprotocol == "sip"
        await socket.send("\r\n\r\n")
        assert await socket.recv() == "\r\n", "no answer to a keep-alive"
        await socket.send(
            f"REGISTER sip:{proxy} SIP/2.0\r\n{via()}Max-Forwards: 70\r\nFrom: <sip:{user}@{proxy}>;tag=r\r\n"
            f"To: <sip:{user}@{proxy}>\r\nCall-ID: {host}\r\nCSeq: 1 REGISTER\r\nContact: {contact};expires=600\r\n"
            f"Supported: path, outbound\r\nContent-Length: 0\r\n\r\n"
        )
        await receive(socket, "SIP/2.0 200")
        print("registered", flush=True)

        invite = await receive(socket, "INVITE ")
        extra = f"Contact: {contact}\r\nContent-Type: application/sdp\r\n"
        await socket.send(answer(invite, "180 Ringing", f"Contact: {contact}\r\n"))
        # In two fragments, as a browser may.
        text = answer(invite, "200 OK", extra, BODY)
        await socket.send([text[:100], text[100:]])
        await receive(socket, "ACK ")
        bye = await receive(socket, "BYE ")
        await socket.send(answer(bye, "200 OK"))
        print("was called", flush=True)

        callid = os.urandom(6).hex()
        start = f"From: <sip:{user}@{proxy}>;tag=c\r\n"
        await socket.send(
            f"INVITE sip:{called}@{proxy} SIP/2.0\r\n{via()}Max-Forwards: 70\r\n{start}To: <sip:{called}@{proxy}>\r\n"
            f"Call-ID: {callid}\r\nCSeq: 1 INVITE\r\n{extra}Content-Length: {len(BODY)}\r\n\r\n{BODY}"
        )
        ok = await receive(socket, "SIP/2.0 200")
        routes = "".join(f"Route: {value}\r\n" for value in reversed(values(ok, "Record-Route")))
        target = values(ok, "Contact")[0].strip("<>")
        for method in ("ACK", "BYE"):
            await socket.send(
                f"{method} {target} SIP/2.0\r\n{via()}Max-Forwards: 70\r\n{routes}{start}To: {values(ok, 'To')[0]}\r\n"
                f"Call-ID: {callid}\r\nCSeq: {1 if method == 'ACK' else 2} {method}\r\nContent-Length: 0\r\n\r\n"
            )
        await receive(socket, "SIP/2.0 200")
        print("has called", flush=True)


asyncio.run(main())
