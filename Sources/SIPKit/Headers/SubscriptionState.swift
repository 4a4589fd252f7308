/// How a subscription stands, in a NOTIFY (RFC 6665 §8.2.3).
public struct SubscriptionState: HeaderValue {
    /// `active`, `pending`, `terminated`, or an extension.
    public var state: [UInt8]
    public var parameters: ParameterList

    public init(_ state: String, expires: UInt32? = nil, reason: String? = nil) {
        self.state = Array(state.utf8)
        self.parameters = ParameterList()
        if let expires { self.parameters.set("expires", String(expires)) }
        if let reason { self.parameters.set("reason", reason) }
    }

    /// - Throws: ``ParseError`` "Subscription-State".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.state = try cursor.requireToken(of: "Subscription-State", "a state")
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endHeader(of: "Subscription-State")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.state)
        self.parameters.write(to: &output)
    }

    public var isTerminated: Bool { self.state.equalsIgnoringCase(Array("terminated".utf8)) }
    public var expires: UInt32? { self.parameters.number("expires").map { UInt32(truncatingIfNeeded: $0) } }
    public var retryAfter: UInt32? { self.parameters.number("retry-after").map { UInt32(truncatingIfNeeded: $0) } }
    public var reason: [UInt8]? { self.parameters["reason"] }
}
