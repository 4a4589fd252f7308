import Glibc
import SIPKit

/// `udp:HOST:PORT`, `tcp:HOST:PORT`, or `HOST:PORT` for UDP: where HEP goes to or comes from.
public struct HEPAddress: Sendable, Equatable {
    public var isStream: Bool
    public var host: String
    public var port: UInt16

    public init?(_ text: String) {
        var rest = Substring(text)
        self.isStream = false
        if rest.hasPrefix("udp:") {
            rest = rest.dropFirst(4)
        } else if rest.hasPrefix("tcp:") {
            self.isStream = true
            rest = rest.dropFirst(4)
        }
        guard let colon = rest.lastIndex(of: ":") else { return nil }
        let digits = Array(rest[rest.index(after: colon)...].utf8)
        guard let port = ASCII.number(digits.span, ByteRange(0, digits.count), limit: 65_535), port > 0 else {
            return nil
        }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.host = String(host)
        self.port = UInt16(port)
    }

    /// A socket that is bound (passive) or connected.
    ///
    /// - Throws: ``CaptureError`` with the system's sentence.
    func socket(passive: Bool) throws(CaptureError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(self.isStream ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue)
        hints.ai_flags = passive ? AI_PASSIVE : 0
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(self.host.isEmpty ? nil : self.host, String(self.port), &hints, &list)
        guard status == 0 else {
            throw CaptureError(.noDevice, "\(self): \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(list) }
        var next = list
        var reason = "no address"
        while let candidate = next?.pointee {
            next = candidate.ai_next
            let descriptor = Glibc.socket(
                candidate.ai_family, candidate.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), candidate.ai_protocol)
            guard descriptor >= 0 else { continue }
            let done =
                passive
                ? bind(descriptor, candidate.ai_addr, candidate.ai_addrlen)
                : connect(descriptor, candidate.ai_addr, candidate.ai_addrlen)
            if done == 0 { return descriptor }
            reason = String(cString: strerror(errno))
            close(descriptor)
        }
        throw CaptureError(.noDevice, "\(self): \(reason)")
    }
}

extension HEPAddress: CustomStringConvertible {
    public var description: String { "\(self.isStream ? "tcp" : "udp"):\(self.host):\(self.port)" }
}

/// Sends messages to a HEP collector (Homer and its like).
public final class HEPSender {
    private let address: HEPAddress
    private let version: Int
    private let template: HEPPacket
    private let descriptor: Int32
    public private(set) var sent = 0
    /// Messages that could not be sent: too long, or the collector is gone.
    public private(set) var failed = 0

    /// - Throws: ``CaptureError`` when the host is not known or cannot be reached.
    public init(_ address: HEPAddress, version: Int, agent: UInt32, name: String, password: String) throws(CaptureError)
    {
        self.address = address
        self.version = version
        var template = HEPPacket()
        template.agent = agent
        template.agentName = Array(name.utf8)
        template.password = Array(password.utf8)
        self.template = template
        self.descriptor = try address.socket(passive: false)
    }

    deinit { close(self.descriptor) }

    public func send(_ origin: MessageOrigin, _ message: Span<UInt8>, correlation: Span<UInt8>) {
        var packet = self.template
        packet.source = origin.source
        packet.destination = origin.destination
        packet.transport = origin.transport
        packet.time = origin.time
        packet.correlation = correlation.copy(ByteRange(0, correlation.count))
        packet.payload = message.copy(ByteRange(0, message.count))
        guard let bytes = self.version == 2 ? packet.version2() : packet.version3() else {
            self.failed += 1
            return
        }
        var written = 0
        while written < bytes.count {
            let from = written
            let got = bytes.withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress.map { $0 + from }, bytes.count - from, Int32(MSG_NOSIGNAL))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                self.failed += 1
                return
            }
            written += got
        }
        self.sent += 1
    }
}
