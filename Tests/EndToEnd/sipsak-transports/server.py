#!/usr/bin/env python3
"""A SIP server over TCP, TLS and WebSocket that answers every request with 200 and says what it saw.

server.py FOLDER PORT: plain TCP at PORT, TLS at PORT+1, TLS that wants a client certificate at PORT+2, WebSocket at PORT+3.
How a TCP answer comes depends on the user of the request: `split` in three segments, `twice` with a second message in the
same segment, `alive` behind a keep-alive, `bare` without Content-Length, `gone` not at all and the connection is closed.
"""
import asyncio
import ssl
import sys

folder, port = sys.argv[1], int(sys.argv[2])


def answer(head, extra=b"", body=b"", length=True):
    lines = head.split(b"\r\n")
    kept = [line for line in lines[1:] if line.split(b":")[0].lower() in (b"via", b"from", b"to", b"call-id", b"cseq")]
    contact = [b"X-Seen: " + line for line in lines[1:] if line.startswith((b"Via:", b"Contact:"))]
    out = [b"SIP/2.0 200 OK"] + kept + contact + [b"Server: test"]
    if length:
        out.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(out) + b"\r\n" + extra + b"\r\n" + body


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lstrip(b"\r\n")
            if not head:
                continue
            uri = head.split(b" ")[1]
            if b"split@" in uri:
                text = answer(head, body=b"0123456789")
                for piece in (text[:40], text[40:-5], text[-5:]):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.05)
            elif b"twice@" in uri:
                writer.write(answer(head).replace(b"200 OK", b"180 Ringing") + answer(head))
            elif b"alive@" in uri:
                writer.write(b"\r\n\r\n" + answer(head))
            elif b"gone@" in uri:
                writer.close()
                return
            else:
                writer.write(answer(head))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass


async def main():
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    plain.load_cert_chain(folder + "/server.pem", folder + "/server.key")
    mutual = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    mutual.load_cert_chain(folder + "/server.pem", folder + "/server.key")
    mutual.load_verify_locations(folder + "/ca.pem")
    mutual.verify_mode = ssl.CERT_REQUIRED
    servers = [
        await asyncio.start_server(serve, "127.0.0.1", port, limit=1 << 20),
        await asyncio.start_server(serve, "127.0.0.1", port + 1, ssl=plain),
        await asyncio.start_server(serve, "127.0.0.1", port + 2, ssl=mutual),
    ]
    try:
        import websockets

        async def socket(connection, path=None):
            async for message in connection:
                data = message.encode() if isinstance(message, str) else message
                await connection.send(answer(data.split(b"\r\n\r\n")[0] + b"\r\n\r\n").decode())

        servers.append(await websockets.serve(socket, "127.0.0.1", port + 3, subprotocols=["sip"]))
        print("websocket", flush=True)
    except ImportError:
        pass
    print("ready", flush=True)
    await asyncio.sleep(100)


asyncio.run(main())
