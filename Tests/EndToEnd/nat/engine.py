"""rtp.io's media engine behind a socket: `engine.py ADDRESS PORT [PATH]` takes rtpproxy's commands over UDP (with cookies)
and at a Unix socket (one a connection). The library itself speaks the protocol over a socket pair, without cookies."""
import os, select, socket, sys
from rtp.io import rtpproxy

# It leaves a list of its calls in the current folder.
os.chdir(os.environ.get("WORK", "/tmp"))
engine = rtpproxy()
pipe = engine.rtpp_sock
pipe.settimeout(2)


def ask(command):
    pipe.send(command.strip() + b"\n")
    return pipe.recv(4096).strip()


udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((sys.argv[1], int(sys.argv[2])))
stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
if len(sys.argv) > 3:
    stream.bind(sys.argv[3])
    stream.listen(16)
print("ready", flush=True)
while True:
    waiting = [udp] + ([stream] if len(sys.argv) > 3 else [])
    for source in select.select(waiting, [], [])[0]:
        if source is udp:
            line, sender = udp.recvfrom(4096)
            cookie, _, command = line.partition(b" ")
            answer = ask(command)
            print(command.strip().decode(), "->", answer.decode(), flush=True)
            udp.sendto(cookie + b" " + answer + b"\n", sender)
        else:
            connection = stream.accept()[0]
            with connection:
                command = connection.recv(4096)
                answer = ask(command)
                print(command.strip().decode(), "->", answer.decode(), flush=True)
                connection.sendall(answer + b"\n")
