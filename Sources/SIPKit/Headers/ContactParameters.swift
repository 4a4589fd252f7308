/// What a registrar reads from a Contact's parameters (RFC 3261 §20.10, RFC 5626).
extension NameAddress {
    /// `expires` of this contact; `nil` where it is missing or no number, so that the header's counts.
    public var expires: UInt32? {
        self.parameters["expires"].flatMap { DeltaSeconds(parsing: $0.span, ByteRange(0, $0.count)) }?.seconds
    }

    /// `q`; `nil` where it is missing or none.
    public var preference: QValue? {
        self.parameters["q"].flatMap { QValue(parsing: $0.span, ByteRange(0, $0.count)) }
    }

    /// `reg-id`: which of its flows a client registers (RFC 5626 §4.2); 1 to 2^31-1.
    public var registrationID: UInt32? {
        self.parameters.number("reg-id", limit: (1 << 31) - 1).flatMap { $0 > 0 ? UInt32($0) : nil }
    }

    /// `+sip.instance` without quotes and angle brackets: the device's URN, the same over all its flows and restarts.
    public var instance: [UInt8]? {
        guard let text = self.parameters.content("+sip.instance"), text.first == ASCII.less, text.last == ASCII.greater,
            text.count > 2
        else { return nil }
        return Array(text[1..<(text.count - 1)])
    }

    /// `ob`: the URI is reached over the flow that the message came over (RFC 5626 §5.3).
    public var isOutbound: Bool {
        guard let uri = try? self.sipURI() else { return false }
        return uri.parameter("ob") != nil
    }
}
