import Glibc
import SIPKit
import SIPNet
import Testing

/// Datagrams on the loopback interface: what is sent is there when `flush` returns, so nothing waits and nothing sleeps.
@Suite("UDP endpoint")
struct UDPEndpointTests {
    static let hasIPv6: Bool = (try? UDPEndpoint(bind: SocketAddress(.loopbackV6, 0))) != nil

    private func loopback(_ change: (inout UDPEndpoint.Options) -> Void = { _ in }) throws -> UDPEndpoint {
        var options = UDPEndpoint.Options()
        change(&options)
        return try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0), options: options)
    }

    private func texts(_ endpoint: UDPEndpoint) -> [String] {
        let batch = endpoint.receive()
        return (0..<batch.count).map { String(decoding: batch[$0].bytes, as: UTF8.self) }
    }

    @Test("binds to a port of the kernel's choice and tells what it was given")
    func bindsAnywhere() throws {
        let endpoint = try self.loopback { $0.receiveBuffer = 1 << 16 }
        #expect(endpoint.localAddress.ip == .loopbackV4)
        #expect(endpoint.localAddress.port != 0)
        #expect(endpoint.receiveBufferSize >= 1 << 16)
        #expect(endpoint.sendBufferSize > 0)
    }

    @Test("tells which address is in use already")
    func addressInUse() throws {
        let first = try self.loopback()
        let error = #expect(throws: SocketError.self) { try UDPEndpoint(bind: first.localAddress) }
        #expect(error?.code == EADDRINUSE)
        #expect(error?.description == "cannot bind \(first.localAddress): Address already in use")
    }

    @Test("shares a port when asked to")
    func sharesPort() throws {
        let first = try self.loopback { $0.sharesPort = true }
        var options = UDPEndpoint.Options()
        options.sharesPort = true
        let second = try UDPEndpoint(bind: first.localAddress, options: options)
        #expect(second.localAddress == first.localAddress)
    }

    @Test("carries datagrams in order, with their source, in batches")
    func carries() throws {
        let (sender, receiver) = (try self.loopback(), try self.loopback { $0.batch = 4 })
        for number in 0..<6 { sender.enqueue(copying: Array("n\(number)".utf8), to: receiver.localAddress) }
        #expect(sender.flush())

        let batch = receiver.receive()
        #expect(batch.count == 4)
        for index in 0..<batch.count {
            #expect(batch[index].source == sender.localAddress)
            #expect(batch[index].destination == nil)
            #expect(batch[index].span.string(ByteRange(0, 2)) == "n\(index)")
            #expect(!batch[index].isTruncated)
        }
        #expect(self.texts(receiver) == ["n4", "n5"])
        #expect(receiver.receive().isEmpty)
        #expect(sender.statistics.sent == 6)
        #expect(receiver.statistics.received == 6 && receiver.statistics.batches == 2)
    }

    @Test("sends borrowed bytes from where they lie, and empty datagrams too")
    func borrows() throws {
        let (sender, receiver) = (try self.loopback(), try self.loopback())
        let bytes = Array("borrowed".utf8)
        bytes.withUnsafeBufferPointer {
            sender.enqueue(borrowing: $0, to: receiver.localAddress)
            sender.enqueue(borrowing: UnsafeBufferPointer(start: nil, count: 0), to: receiver.localAddress)
            sender.flush()
        }
        #expect(self.texts(receiver) == ["borrowed", ""])
    }

    @Test("carries the largest datagram whole; a smaller arena tells that it was cut")
    func largest() throws {
        let (sender, receiver) = (try self.loopback(), try self.loopback())
        let cutting = try self.loopback { $0.datagramSize = 100 }
        let large = [UInt8](repeating: 0x61, count: 65_507)
        sender.enqueue(copying: large, to: receiver.localAddress)
        sender.enqueue(copying: large, to: cutting.localAddress)
        sender.flush()
        #expect(receiver.receive()[0].bytes.count == 65_507)
        let cut = cutting.receive()[0]
        #expect(cut.isTruncated && cut.bytes.count == 100)
        #expect(cutting.statistics.truncated == 1)
    }

    @Test("skips a datagram the kernel refuses, says why, and sends those behind it")
    func refused() throws {
        let (sender, receiver) = (try self.loopback(), try self.loopback())
        sender.enqueue(copying: Array("before".utf8), to: receiver.localAddress)
        sender.enqueue(copying: [UInt8](repeating: 0, count: 65_520), to: receiver.localAddress)
        sender.enqueue(copying: Array("after".utf8), to: receiver.localAddress)
        sender.flush()
        #expect(self.texts(receiver) == ["before", "after"])
        #expect(sender.nextError() == DeliveryError(destination: receiver.localAddress, code: EMSGSIZE, reporter: nil))
        #expect(sender.nextError() == nil)
        #expect(sender.statistics.failed == 1)
    }

    @Test("flushes by itself when the queue is full")
    func fullQueue() throws {
        let sender = try self.loopback { $0.queueCapacity = 2 }
        let receiver = try self.loopback()
        for number in 0..<5 { sender.enqueue(copying: Array("\(number)".utf8), to: receiver.localAddress) }
        #expect(self.texts(receiver) == ["0", "1", "2", "3"])
        sender.flush()
        #expect(self.texts(receiver) == ["4"])
    }

    @Test("tells which of our addresses a datagram came to, and answers from it")
    func wildcard() throws {
        let server = try UDPEndpoint(bind: SocketAddress(.anyV4, 0))
        let client = try self.loopback()
        let other = try #require(IPAddress("127.0.0.9"))
        client.enqueue(copying: Array("hello".utf8), to: SocketAddress(other, server.localAddress.port))
        client.flush()
        let request = server.receive()[0]
        #expect(request.destination == other)

        server.enqueue(copying: Array("back".utf8), to: request.source, from: request.destination)
        server.flush()
        #expect(client.receive()[0].source == SocketAddress(other, server.localAddress.port))
    }

    @Test("stamps the arrival when asked to")
    func timestamps() throws {
        let (sender, receiver) = (try self.loopback(), try self.loopback { $0.timestamps = true })
        let before = SystemClock().unixNanoseconds()
        sender.enqueue(copying: [1], to: receiver.localAddress)
        sender.flush()
        let stamp = receiver.receive()[0].timestamp
        #expect(stamp >= before - 1_000_000_000 && stamp <= SystemClock().unixNanoseconds() + 1_000_000_000)
    }

    @Test("a connected endpoint hears that nobody listens, and goes on sending")
    func connectionRefused() throws {
        let gone = try self.loopback().localAddress
        let client = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0), connect: gone)
        client.enqueue(copying: [1])
        client.flush()
        let error = try #require(client.nextError())
        #expect(error == DeliveryError(destination: gone, code: ECONNREFUSED, reporter: .loopbackV4))
        #expect(error.description == "\(gone), 127.0.0.1 says: Connection refused")
        #expect(client.receive().isEmpty)
        client.enqueue(copying: [2])
        client.flush()
        #expect(client.statistics.sent == 2)
    }

    @Test("an endpoint for many peers hears which of them is gone, and the others lose nothing by it")
    func errorsOfOne() throws {
        let gone = try self.loopback().localAddress
        let receiver = try self.loopback()
        let sender = try self.loopback { $0.reportsErrors = true }
        sender.enqueue(copying: [1], to: gone)
        sender.enqueue(copying: Array("a".utf8), to: receiver.localAddress)
        sender.flush()
        sender.enqueue(copying: Array("b".utf8), to: receiver.localAddress)
        sender.flush()
        #expect(self.texts(receiver) == ["a", "b"])
        #expect(sender.nextError()?.destination == gone)
        #expect(sender.nextError() == nil)
        #expect(sender.statistics.failed == 0)
    }

    @Test("speaks IPv6", .enabled(if: hasIPv6, "no IPv6 here"))
    func v6() throws {
        let (sender, receiver) = (
            try UDPEndpoint(bind: SocketAddress(.loopbackV6, 0)), try UDPEndpoint(bind: SocketAddress(.anyV6, 0))
        )
        sender.enqueue(copying: Array("six".utf8), to: SocketAddress(.loopbackV6, receiver.localAddress.port))
        sender.flush()
        let datagram = receiver.receive()[0]
        #expect(datagram.source == sender.localAddress)
        #expect(datagram.destination == .loopbackV6)
        receiver.enqueue(copying: Array("back".utf8), to: datagram.source, from: datagram.destination)
        receiver.flush()
        #expect(self.texts(sender) == ["back"])
    }

    @Test("an IPv6 wildcard can take IPv4, which looks like IPv4 both ways", .enabled(if: hasIPv6, "no IPv6 here"))
    func dualStack() throws {
        var options = UDPEndpoint.Options()
        options.isDualStack = true
        let server = try UDPEndpoint(bind: SocketAddress(.anyV6, 0), options: options)
        let client = try self.loopback()
        client.enqueue(copying: [1], to: SocketAddress(.loopbackV4, server.localAddress.port))
        client.flush()
        let request = server.receive()[0]
        #expect(request.source == client.localAddress)
        #expect(request.destination == .loopbackV4)
        server.enqueue(copying: [2], to: request.source, from: request.destination)
        server.flush()
        #expect(client.receive()[0].source.ip == .loopbackV4)
    }

    @Test("goes between addresses and the system's form without loss")
    func systemAddresses() throws {
        let v6 = try #require(IPAddress("2001:db8::17"))
        for address in [SocketAddress(.loopbackV4, 5060), SocketAddress(v6, 65_535, scope: 3)] {
            let back = address.withSystemAddress { pointer, _ in SocketAddress(system: pointer) }
            #expect(back == address)
        }
        var unix = sockaddr_un()
        unix.sun_family = sa_family_t(AF_UNIX)
        #expect(withUnsafePointer(to: unix) { SocketAddress(system: $0) } == nil)
    }
}
