import Glibc
import SIPKit

/// Receives HEP: datagrams, or connections that carry packets one after another.
///
/// Bounded: ``maximumConnections`` at a time, of each one packet that is not complete.
public final class HEPListener {
    static let maximumConnections = 256

    private struct Connection {
        var descriptor: Int32
        var bytes: [UInt8] = []
    }

    public let address: HEPAddress
    private let descriptor: Int32
    private var connections: [Connection] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    /// Connections that were closed because what came was no HEP, or because there were too many.
    public private(set) var refused = 0

    /// - Throws: ``CaptureError`` when the address cannot be had.
    public init(_ address: HEPAddress) throws(CaptureError) {
        self.address = address
        self.descriptor = try address.socket(passive: true)
        if address.isStream {
            guard listen(self.descriptor, 128) == 0, fcntl(self.descriptor, F_SETFL, O_NONBLOCK) == 0 else {
                let reason = String(cString: strerror(errno))
                close(self.descriptor)
                throw CaptureError(.noDevice, "\(address): \(reason)")
            }
        } else {
            var size: Int32 = 4 << 20
            setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    deinit {
        for connection in self.connections { close(connection.descriptor) }
        close(self.descriptor)
    }

    /// Hands on what has arrived, waiting for at most `timeout` milliseconds for the first packet.
    public func take(timeout: Int32, _ handle: (_ packet: Span<UInt8>, _ time: Int64) -> Void) {
        var ready = [pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)]
        ready += self.connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        guard poll(&ready, nfds_t(ready.count), timeout) > 0 else { return }
        guard self.address.isStream else { return self.takeDatagrams(handle) }
        // From the last, as closed ones leave the list.
        for index in self.connections.indices.reversed() where ready[index + 1].revents != 0 {
            if !self.read(index, handle) {
                close(self.connections[index].descriptor)
                self.connections.remove(at: index)
            }
        }
        if ready[0].revents != 0 { self.accept() }
    }

    private func takeDatagrams(_ handle: (_ packet: Span<UInt8>, _ time: Int64) -> Void) {
        for _ in 0..<1024 {
            let count = self.buffer.withUnsafeMutableBytes {
                recv(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
            }
            guard count >= 0 else { return }
            handle(self.buffer.span.extracting(first: count), WallClock.now())
        }
    }

    private func accept() {
        while true {
            let new = Glibc.accept(self.descriptor, nil, nil)
            guard new >= 0 else { return }
            _ = fcntl(new, F_SETFD, FD_CLOEXEC)
            _ = fcntl(new, F_SETFL, O_NONBLOCK)
            if self.connections.count >= Self.maximumConnections {
                self.refused += 1
                close(new)
            } else {
                self.connections.append(Connection(descriptor: new))
            }
        }
    }

    /// - Returns: false when the connection is over.
    private func read(_ index: Int, _ handle: (_ packet: Span<UInt8>, _ time: Int64) -> Void) -> Bool {
        for _ in 0..<64 {
            let descriptor = self.connections[index].descriptor
            let count = self.buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            guard count > 0 else { return false }
            self.connections[index].bytes += self.buffer[..<count]
            guard self.cut(index, handle) else {
                self.refused += 1
                return false
            }
        }
        return true
    }

    /// Takes whole packets off the front.
    ///
    /// - Returns: false when what stands there is no HEP.
    private func cut(_ index: Int, _ handle: (_ packet: Span<UInt8>, _ time: Int64) -> Void) -> Bool {
        let bytes = self.connections[index].bytes
        var at = 0
        while bytes.count - at >= 6 {
            guard let length = HEPPacket.length(bytes.span, at: at) else { return false }
            guard bytes.count - at >= length else { break }
            handle(bytes.span.part(at, at + length), WallClock.now())
            at += length
        }
        if at > 0 { self.connections[index].bytes.removeFirst(at) }
        return true
    }
}
