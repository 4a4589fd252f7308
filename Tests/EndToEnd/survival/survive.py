"""Sends a server everything that the corpora hold, and looks how it is. Runs inside a namespace of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

program, corpus, work = sys.argv[1:4]
SERVER, CLIENT = ("192.0.2.1", 5060), ("192.0.2.7", 6001)
FOLDERS = ["rfc4475", "rfc5118", "rfc3665", "rfc5359", "rfc5407", "known-crash-shapes", "jsip-torture", "osip", "sofia-sip",
           "kamailio-misc", "pjsip-seeds", "php-sip", "sipgo-fuzz", "belle-sip-afl", "profuzzbench", "pcapplusplus"]
VALUES = [(b"<To>", b"receiver@192.0.2.1"), (b"<From-Address>", b"192.0.2.7"), (b"<From-IP>", b"192.0.2.7"),
          (b"<From>", b"sender@192.0.2.7"), (b"<Local-Port>", b"6001"), (b"<Branch-ID>", b"z9hG4bK%05d"),
          (b"<Call-ID>", b"%d@192.0.2.7"), (b"<CSeq>", b"1"), (b"<Teardown-Method>", b"CANCEL"), (b"<Content-Length>", b"0")]


def messages():
    for folder in FOLDERS:
        for directory, _, names in sorted(os.walk(f"{corpus}/{folder}")):
            for name in sorted(names):
                if name.endswith((".tsv", ".md")) or name.startswith(("README", "LICENSE")):
                    continue
                data = open(f"{directory}/{name}", "rb").read()
                if name.endswith(".xml"):
                    found = re.search(rb"<message>\s*<!\[CDATA\[(.*?)\]\]>", data, re.S)
                    if not found:
                        continue
                    data = found.group(1).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                yield f"{folder}/{name}", data
    number = 0
    for name in sorted(os.listdir(f"{corpus}/protos-c07/testcases")):
        data = open(f"{corpus}/protos-c07/testcases/{name}", "rb").read()
        while (found := re.match(rb"(\d+) ", data)) and len(data) >= found.end() + int(found.group(1)):
            end = found.end() + int(found.group(1))
            packet, data = data[found.end():end], data[end:]
            number += 1
            for key, value in VALUES:
                packet = packet.replace(key, value % number if b"%" in value else value)
            yield f"protos-c07/{name}", packet


def request(method, number, extra=""):
    return (f"{method} sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:6001;branch=z9hG4bKprobe{number};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:probe@192.0.2.1>;tag=p\r\nTo: <sip:probe@192.0.2.1>\r\nCall-ID: probe-{number}\r\n"
            f"CSeq: {number} {method}\r\n{extra}Content-Length: 0\r\n\r\n").encode()


def is_bound(port):
    wanted = ":%04X" % port
    return any(wanted in line.split()[1] for line in open("/proc/net/udp").readlines()[1:])


def answered(client, data, number, seconds=1.0):
    client.sendto(data, SERVER)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        client.settimeout(left)
        try:
            answer, source = client.recvfrom(65536)
        except socket.timeout:
            return False
        if source == SERVER and b"probe-%d\r\n" % number in answer and answer.startswith(b"SIP/2.0 200"):
            return True
    return False


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1))


def launch():
    """Over UDP and TCP where the server knows how, else over UDP alone."""
    log = open(f"{work}/miniproxy.log", "wb")
    for transports in (["udp", "tcp"], ["udp"]):
        listen = [word for name in transports for word in ("--listen", f"{name}:192.0.2.1:5060")]
        server = subprocess.Popen([program, *listen], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        for _ in range(100):
            time.sleep(0.1)
            if server.poll() is not None:
                break
            if is_bound(5060):
                return server, transports
    sys.exit("miniproxy does not start")


server, transports = launch()
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
# SO_RCVBUFFORCE: the answers to fifty long messages have to fit.
client.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)
client.bind(CLIENT)
try:
    number = 0
    for number in range(1, 101):
        if not answered(client, request("OPTIONS", number), number):
            sys.exit("miniproxy does not answer OPTIONS at all")
    before, sent, skipped, waiting = resident(server.pid), 0, 0, 0
    for name, data in messages():
        if len(data) > 65507:
            skipped += 1
            continue
        client.sendto(data, SERVER)
        sent += 1
        waiting += len(data)
        # Every fifty, and before the kernel's buffer is full: what it drops says nothing of the server.
        if sent % 50 == 0 or waiting > 100_000:
            number, waiting = number + 1, 0
            if not answered(client, request("OPTIONS", number), number):
                sys.exit(f"no answer to OPTIONS within a second after {name}")
        if server.poll() is not None:
            sys.exit(f"miniproxy ended with {server.returncode} at {name}")
    grown = resident(server.pid) - before
    print(f"udp: {sent} messages, {skipped} too long for a datagram, memory grew by {grown} KiB")
    if grown >= 8192:
        sys.exit("memory grew by 8 MiB or more")
    if "tcp" in transports:
        sent = 0
        for name, data in messages():
            if name.startswith("protos") and sent % 10:
                sent += 1
                continue
            sent += 1
            with socket.create_connection(SERVER, timeout=1) as stream:
                try:
                    stream.sendall(data)
                    stream.settimeout(0.02)
                    stream.recv(65536)
                except OSError:
                    pass
            if sent % 50 == 0:
                number += 1
                if not answered(client, request("OPTIONS", number), number):
                    sys.exit(f"no answer to OPTIONS within a second after {name} over TCP")
            if server.poll() is not None:
                sys.exit(f"miniproxy ended with {server.returncode} at {name} over TCP")
        grown = resident(server.pid) - before
        print(f"tcp: {sent} messages, memory grew by {grown} KiB in all")
        if grown >= 8192:
            sys.exit("memory grew by 8 MiB or more")
    number += 1
    contact = "Contact: <sip:probe@192.0.2.7:6001>\r\nExpires: 60\r\n"
    if not answered(client, request("REGISTER", number, contact), number):
        sys.exit("nobody can register any more")
finally:
    server.send_signal(signal.SIGTERM)
    server.wait(timeout=10)
print("it stands")
