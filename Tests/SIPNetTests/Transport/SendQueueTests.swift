import CSockets
import Glibc
import SIPKit
import Testing

@testable import SIPNet

/// UDP on loopback never says "full", so the queue writes to a pair of Unix datagram sockets, which do after a few.
@Suite("Send queue")
struct SendQueueTests {
    private func withPair(sendBuffer size: Int32 = 1, _ body: (Int32, Int32) throws -> Void) throws {
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        defer {
            close(pair[0])
            close(pair[1])
        }
        // The least the kernel gives is a handful of small datagrams.
        try #require(csockets_set_send_buffer(pair[0], size) > 0)
        try body(pair[0], pair[1])
    }

    private func makeQueue(_ descriptor: Int32, capacity: Int = 64, copySpace: Int = 65_535) throws -> SendQueue {
        try SendQueue(
            descriptor: descriptor, family: .v4, capacity: capacity, copySpace: copySpace, retriesSoftErrors: false)
    }

    private func read(_ descriptor: Int32, _ limit: Int = .max) -> [UInt8] {
        var firsts: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 70_000)
        while firsts.count < limit, recv(descriptor, &buffer, buffer.count, 0) > 0 { firsts.append(buffer[0]) }
        return firsts
    }

    @Test("keeps what the kernel does not take, in order and without borrowing any longer")
    func keepsTheRest() throws {
        try self.withPair { near, far in
            let queue = try self.makeQueue(near)
            var bytes = Array(0..<40 as Range<UInt8>)
            bytes.withUnsafeMutableBufferPointer { buffer in
                for at in 0..<40 {
                    let piece = UnsafeBufferPointer(rebasing: buffer[at...at])
                    if at % 3 == 0 {
                        queue.append(copying: piece, csockets_address(), csockets_address())
                    } else {
                        queue.append(borrowing: piece, csockets_address(), csockets_address())
                    }
                }
                queue.flush()
                buffer.update(repeating: 0xFF)
            }
            #expect(queue.state.pointee.isBlocked)
            var heard = self.read(far)
            #expect(!heard.isEmpty && heard.count < 40)
            while queue.state.pointee.isBlocked {
                queue.flush()
                heard += self.read(far)
            }
            #expect(heard == Array(0..<40 as Range<UInt8>))
            #expect(queue.state.pointee.statistics == UDPStatistics(sent: 40))
        }
    }

    @Test("drops and counts what finds it full, and keeps what came before")
    func dropsWhenFull() throws {
        try self.withPair { near, far in
            let queue = try self.makeQueue(near, capacity: 8)
            for byte in 0..<200 as Range<UInt8> {
                [byte].withUnsafeBufferPointer { queue.append(copying: $0, csockets_address(), csockets_address()) }
            }
            let dropped = Int(queue.state.pointee.statistics.dropped)
            #expect(dropped > 0)
            var heard: [UInt8] = []
            repeat {
                queue.flush()
                heard += self.read(far)
            } while queue.state.pointee.isBlocked
            #expect(heard == Array(0..<UInt8(200 - dropped)))
        }
    }

    @Test("drops copies that its space does not hold")
    func copySpace() throws {
        try self.withPair(sendBuffer: 1 << 16) { near, far in
            let queue = try self.makeQueue(near, copySpace: 65_535)
            let large = [UInt8](repeating: 7, count: 30_000)
            for _ in 0..<60 {
                large.withUnsafeBufferPointer { queue.append(copying: $0, csockets_address(), csockets_address()) }
            }
            let dropped = Int(queue.state.pointee.statistics.dropped)
            #expect(dropped > 0)
            var heard = 0
            repeat {
                queue.flush()
                heard += self.read(far).count
            } while queue.state.pointee.isBlocked
            #expect(heard == 60 - dropped)
        }
    }

    @Test("remembers the last failures and forgets the oldest")
    func failures() throws {
        try self.withPair { near, far in
            let queue = try self.makeQueue(near, capacity: 128)
            // A Unix socket refuses an Internet address.
            for port in 1...100 as ClosedRange<UInt16> {
                [0].withUnsafeBufferPointer {
                    queue.append(
                        borrowing: $0, SocketAddress(.loopbackV4, port).plain, csockets_address())
                }
            }
            queue.flush()
            #expect(queue.state.pointee.statistics.failed == 100)
            #expect(queue.state.pointee.count == 0)
            var ports: [UInt16] = []
            while let failure = queue.nextFailure() { ports.append(failure.destination.port) }
            #expect(ports == Array(37...100))
        }
    }
}
