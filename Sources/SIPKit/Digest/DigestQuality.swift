/// What a digest covers: the `qop` of RFC 7616 §3.3.
public enum DigestQuality: UInt8, Sendable, CaseIterable {
    /// Method and URI.
    case auth
    /// The body as well.
    case authInt

    public var token: StaticString {
        switch self {
        case .auth: "auth"
        case .authInt: "auth-int"
        }
    }

    public init?(parsing bytes: [UInt8]) {
        let range = ByteRange(0, bytes.count)
        for known in Self.allCases where bytes.span.equalsIgnoringCase(range, known.token) {
            self = known
            return
        }
        return nil
    }
}
