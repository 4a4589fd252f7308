"""Somebody who has no part in a call: `stranger.py ADDRESS LOW HIGH COUNT` sends COUNT packets of RTP to each port of the
relay from LOW to HIGH (the even ones) and says how many came back."""
import select, socket, struct, sys, time

address, low, high, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port.bind(("0.0.0.0", 40000))
port.setblocking(False)
received = 0
sent = 0
targets = list(range(low, high + 1))
begun = time.time()
while sent < count:
    packet = struct.pack("!BBHII", 0x80, 0, sent & 0xFFFF, sent * 160 & 0xFFFFFFFF, 0xBAD) + b"\x55" * 160
    port.sendto(packet, (address, targets[sent % len(targets)]))
    sent += 1
    # 10,000 in four seconds.
    if sent % 25 == 0:
        wait = begun + sent / 2500 - time.time()
        if wait > 0:
            time.sleep(wait)
    while select.select([port], [], [], 0)[0]:
        try:
            port.recv(4096)
            received += 1
        except OSError:
            pass  # An ICMP error: nobody has that port.
time.sleep(0.5)
while select.select([port], [], [], 0)[0]:
    try:
        port.recv(4096)
        received += 1
    except OSError:
        pass
print("sent", sent, "received", received)
