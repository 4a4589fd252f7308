/// What is examined with strangers' bytes: each has its fuzz target, its replayed inputs and its place in the
/// conformance suites.
public enum Subject: String, CaseIterable, Sendable {
    case message, uri, addresses, headers, digest, sdp, multipart, framer

    /// Reads the bytes and checks what must hold whatever they are. It has to come back; a trap ends the process.
    public func examine(_ bytes: [UInt8]) throws(BrokenProperty) {
        switch self {
        case .message: try examineMessage(bytes)
        case .uri: try examineURI(bytes)
        case .addresses: try examineAddresses(bytes)
        case .headers: try examineHeaders(bytes)
        case .digest: examineDigest(bytes)
        case .sdp: try examineSDP(bytes)
        case .multipart: try examineMultipart(bytes)
        case .framer: try examineFramer(bytes)
        }
    }
}

/// Something that must hold did not.
public struct BrokenProperty: Error, CustomStringConvertible {
    public let description: String
}

func demand(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(BrokenProperty) {
    if !condition { throw BrokenProperty(description: sentence()) }
}
