import SIPKit

/// Whom a command is about: a SIP URI in the shapes that the command line accepts.
struct TargetURI: Equatable, Sendable {
    var user: String?
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    var host: String
    var port: UInt16?
    var transport: TransportProtocol?
    /// `sips:`
    var isSecure = false
    /// The path of a WebSocket, from a word as `wss://host/path`.
    var path: String?
    /// Further URI parameters as they were written, each with its semicolon.
    var parameters = ""

    /// `host` or `host:port`.
    var hostPort: String { self.port.map { "\(self.host):\($0)" } ?? self.host }

    /// `sip:user@host:port`, the user being another one where asked for.
    func text(user: String?) -> String {
        (self.isSecure ? "sips:" : "sip:") + (user.map { "\($0)@" } ?? "") + self.hostPort + self.parameters
    }

    var text: String { self.text(user: self.user) }

    var address: IPAddress? { IPAddress(self.host) }

    /// Reads `sip:[user@]host[:port][;parameters]`.
    static func sip(_ text: String, spelling: String) throws(UsageError) -> TargetURI {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: ASCII.colon),
            bytes[..<colon].allSatisfy({ ASCII.isLetter($0) }), colon > 0
        else { throw UsageError("missing scheme in SIP URI") }
        let scheme = Array(bytes[..<colon])
        guard scheme.equalsIgnoringCase(Array("sip".utf8)) || scheme.equalsIgnoringCase(Array("sips".utf8)) else {
            throw UsageError("unknown scheme in SIP URI: '\(Printable.text(bytes))' (\(spelling))")
        }
        return try Self.parse(bytes, text, spelling: spelling)
    }

    /// Reads the value of `-p`: `host[:port]`, also with `sip:` in front.
    static func proxy(_ text: String, spelling: String) throws(UsageError) -> TargetURI {
        let head = Array(text.utf8.prefix(5)).map(ASCII.lowercased)
        if head.starts(with: Array("sip:".utf8)) || head == Array("sips:".utf8) {
            return try Self.sip(text, spelling: spelling)
        }
        return try Self.sip("sip:" + text, spelling: spelling)
    }

    /// Reads a word of the command line: a SIP URI, `host`, `host:port`, `user@host`,
    /// `tcp:host:port`, `wss://host:port/path`.
    static func word(_ text: String) throws(UsageError) -> TargetURI {
        let bytes = Array(text.utf8)
        if let colon = bytes.firstIndex(of: ASCII.colon) {
            let head = ByteRange(0, colon)
            if bytes.span.equalsIgnoringCase(head, "sip") || bytes.span.equalsIgnoringCase(head, "sips") {
                return try Self.sip(text, spelling: "target")
            }
            if let transport = TransportProtocol(parsing: bytes.span, head) {
                var rest = bytes[(colon + 1)...]
                var path: String?
                if rest.starts(with: [ASCII.slash, ASCII.slash]) {
                    rest = rest.dropFirst(2)
                    if let slash = rest.firstIndex(of: ASCII.slash) {
                        path = String(decoding: rest[slash...], as: UTF8.self)
                        rest = rest[..<slash]
                    }
                }
                var target = try Self.sip("sip:" + String(decoding: rest, as: UTF8.self), spelling: "target")
                target.transport = transport
                target.path = path
                if transport != .udp, !target.parameters.contains("transport=") {
                    target.parameters += ";transport=\(transport == .wss ? "ws" : "\(transport.parameterName)")"
                }
                return target
            }
        }
        return try Self.sip("sip:" + text, spelling: "target")
    }

    private static func parse(_ bytes: [UInt8], _ text: String, spelling: String) throws(UsageError) -> TargetURI {
        let shown = Printable.text(bytes)
        let parts: URIRanges
        do throws(ParseError) {
            parts = try URIRanges(parsing: bytes.span, ByteRange(0, bytes.count))
        } catch {
            throw UsageError(Self.sentence(bytes, shown, spelling, error))
        }
        var target = TargetURI(
            user: parts.hasUser ? bytes.span.string(parts.user) : nil, host: bytes.span.string(parts.host),
            port: parts.port)
        target.isSecure = ASCII.lowercased(bytes[3]) == 0x73
        if parts.port == 0 { throw UsageError("port out of range 1..65535: '0' in '\(shown)' (\(spelling))") }
        if target.user?.isEmpty == true { throw UsageError("empty user in '\(shown)' (\(spelling))") }
        var list = URIParameterList(bytes.span, parts.parameters)
        while let next = list.next() {
            let name = bytes.span.string(next.name)
            let value = next.value.start > 0 ? "=" + bytes.span.string(next.value) : ""
            if bytes.span.equalsIgnoringCase(next.name, "transport") {
                guard let known = TransportProtocol(parsing: bytes.span, next.value), known != .sctp else {
                    throw UsageError(
                        "unsupported transport in '\(shown)' (\(spelling)), supported values: udp, tcp, tls, ws, wss")
                }
                target.transport = known
            }
            target.parameters += ";\(name)\(value)"
        }
        return target
    }

    /// What is wrong with a URI, in the words of whoever wrote it.
    private static func sentence(_ bytes: [UInt8], _ shown: String, _ spelling: String, _ error: ParseError) -> String {
        let start = (bytes.lastIndex(of: ASCII.at) ?? bytes.firstIndex(of: ASCII.colon) ?? -1) + 1
        let host = Array(bytes[start...])
        if host.first == ASCII.openBracket, !host.contains(ASCII.closeBracket) {
            return "missing ']' in IPv6 address '\(Printable.text(host))' (\(spelling))"
        }
        if host.first != ASCII.openBracket, let colon = host.firstIndex(of: ASCII.colon) {
            let end = host[colon...].firstIndex { $0 == ASCII.semicolon || $0 == ASCII.question } ?? host.count
            let port = Array(host[(colon + 1)..<end])
            let isNumber = !port.isEmpty && port.allSatisfy(ASCII.isDigit)
            return isNumber
                ? "port out of range 1..65535: '\(Printable.text(port))' in '\(shown)' (\(spelling))"
                : "port is not a number: '\(Printable.text(port))' in '\(shown)' (\(spelling))"
        }
        return "not a SIP URI: '\(shown)', expected \(error.expected) (\(spelling))"
    }
}
