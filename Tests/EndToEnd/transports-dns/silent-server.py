#!/usr/bin/env python3
"""A name server that reads and never answers: silent-server.py PORT"""
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
while True:
    print(server.recvfrom(4096)[1], flush=True)
