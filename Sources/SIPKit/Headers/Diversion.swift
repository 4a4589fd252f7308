/// Who diverted a call, and why: one value of Diversion or CC-Diversion (RFC 5806 §3).
public struct Diversion: HeaderValue {
    public var address: NameAddress

    public init(_ address: NameAddress, reason: String, counter: UInt32 = 1) {
        self.address = address
        self.address.parameters.set("reason", reason)
        self.address.parameters.set("counter", String(counter))
    }

    /// - Throws: ``ParseError`` "address".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.address = try NameAddress(parsing: &cursor)
    }

    public func write(to output: inout ByteWriter) { self.address.write(to: &output) }

    /// `user-busy`, `no-answer`, `unconditional` …, with or without quotes on the wire.
    public var reason: [UInt8]? { self.address.parameters.content("reason") }
    /// How many diversions stand for this entry; 1 where it does not say (§3).
    public var counter: UInt32 { self.address.parameters.number("counter").map { UInt32(truncatingIfNeeded: $0) } ?? 1 }
    public var limit: UInt32? { self.address.parameters.number("limit").map { UInt32(truncatingIfNeeded: $0) } }
    public var privacy: [UInt8]? { self.address.parameters.content("privacy") }
}
