/// A SIP or SIPS URI as a value that can be changed and written (RFC 3261 §19.1).
///
/// Its parts are bytes as they stand on the wire, escapes included. `==` is equality of the bytes; what RFC 3261
/// §19.1.4 calls equal is ``isEquivalent(to:)``.
public struct SIPURI: Sendable, Hashable {
    public struct Parameter: Sendable, Hashable {
        public var name: [UInt8]
        /// `nil` where no `=` was written.
        public var value: [UInt8]?

        public init(_ name: String, _ value: String? = nil) {
            self.name = Array(name.utf8)
            self.value = value.map { Array($0.utf8) }
        }

        init(name: [UInt8], value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    public var isSecure: Bool
    public var user: [UInt8]?
    public var password: [UInt8]?
    /// A name, an IPv4 address or an IPv6 address in its brackets.
    public var host: [UInt8]
    public var port: UInt16?
    /// In their order.
    public var parameters: [Parameter]
    /// Behind `?`, as it was written; empty where there is none.
    public var headers: [UInt8]

    public init(user: String? = nil, host: String, port: UInt16? = nil, parameters: [Parameter] = []) {
        self.isSecure = false
        self.user = user.map { Array($0.utf8) }
        self.password = nil
        self.host = Array(host.utf8)
        self.port = port
        self.parameters = parameters
        self.headers = []
    }

    /// Reads the URI that `range` holds, all of it.
    ///
    /// - Throws: ``ParseError`` "URI"; `.unsupported` for a scheme other than `sip` and `sips`.
    public init(parsing bytes: Span<UInt8>, _ range: ByteRange) throws(ParseError) {
        let parts = try URIRanges(parsing: bytes, range)
        guard parts.isSIP else {
            throw ParseError(.unsupported, "URI", expected: "sip: or sips:", found: bytes.copy(range), at: range.start)
        }
        self.isSecure = parts.scheme == .sips
        self.user = parts.hasUser ? bytes.copy(parts.user) : nil
        self.password = parts.password.start > 0 ? bytes.copy(parts.password) : nil
        self.host = bytes.copy(parts.host)
        self.port = parts.port
        self.headers = bytes.copy(parts.headers)
        self.parameters = []
        var list = URIParameterList(bytes, parts.parameters)
        while let next = list.next() {
            let hasEquals = next.value.start > 0
            self.parameters.append(
                Parameter(name: bytes.copy(next.name), value: hasEquals ? bytes.copy(next.value) : nil))
        }
    }

    public init(parsing text: String) throws(ParseError) {
        let bytes = Array(text.utf8)
        try self.init(parsing: bytes.span, ByteRange(0, bytes.count))
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.isSecure ? "sips:" as StaticString : "sip:")
        if let user = self.user {
            output.write(user)
            if let password = self.password {
                output.write(byte: ASCII.colon)
                output.write(password)
            }
            output.write(byte: ASCII.at)
        }
        output.write(self.host)
        if let port = self.port {
            output.write(byte: ASCII.colon)
            output.write(number: port)
        }
        for parameter in self.parameters {
            output.write(byte: ASCII.semicolon)
            output.write(parameter.name)
            if let value = parameter.value {
                output.write(byte: ASCII.equals)
                output.write(value)
            }
        }
        if !self.headers.isEmpty {
            output.write(byte: ASCII.question)
            output.write(self.headers)
        }
    }

    /// The value of a parameter, its name in any case; empty for one without a value, `nil` where it is missing.
    public func parameter(_ name: String) -> [UInt8]? {
        let wanted = Array(name.utf8)
        return self.parameters.first { $0.name.equalsIgnoringCase(wanted) }.map { $0.value ?? [] }
    }

    /// Sets or adds a parameter; `nil` as the value writes none.
    public mutating func setParameter(_ name: String, _ value: String?) {
        let new = Parameter(name, value)
        if let place = self.parameters.firstIndex(where: { $0.name.equalsIgnoringCase(new.name) }) {
            self.parameters[place] = new
        } else {
            self.parameters.append(new)
        }
    }

    public mutating func removeParameter(_ name: String) {
        let wanted = Array(name.utf8)
        self.parameters.removeAll { $0.name.equalsIgnoringCase(wanted) }
    }

    /// The host as an address, or `nil` for a name.
    public var address: IPAddress? { IPAddress(parsing: self.host.span, ByteRange(0, self.host.count)) }

    /// The transport that the URI itself asks for; `nil` where it does not, or names one that nobody knows.
    public var transport: TransportProtocol? {
        guard let value = self.parameter("transport") else { return nil }
        return TransportProtocol(parsing: value.span, ByteRange(0, value.count))
    }

    public var hostText: String { String(decoding: self.host, as: UTF8.self) }
    public var userText: String { String(decoding: self.user ?? [], as: UTF8.self) }
}

extension SIPURI: CustomStringConvertible {
    public var description: String {
        var output = ByteWriter()
        self.write(to: &output)
        return output.string
    }
}

extension Array where Element == UInt8 {
    /// ASCII letters in either case; everything else byte for byte.
    public func equalsIgnoringCase(_ other: [UInt8]) -> Bool {
        self.count == other.count && zip(self, other).allSatisfy { ASCII.lowercased($0) == ASCII.lowercased($1) }
    }
}
