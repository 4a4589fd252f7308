import Crypto

/// The hash of a Digest challenge (RFC 7616 §3.3, for SIP RFC 8760), with or without `-sess`.
public enum DigestAlgorithm: UInt8, Sendable, CaseIterable {
    case md5, md5Session
    case sha256, sha256Session
    case sha512t256, sha512t256Session

    /// As the `algorithm` parameter writes it.
    public var token: StaticString {
        switch self {
        case .md5: "MD5"
        case .md5Session: "MD5-sess"
        case .sha256: "SHA-256"
        case .sha256Session: "SHA-256-sess"
        case .sha512t256: "SHA-512-256"
        case .sha512t256Session: "SHA-512-256-sess"
        }
    }

    /// Reads the parameter's value in any case; `nil` for a hash that we do not know.
    public init?(parsing bytes: Span<UInt8>, _ range: ByteRange) {
        for known in Self.allCases where bytes.equalsIgnoringCase(range, known.token) {
            self = known
            return
        }
        return nil
    }

    /// Whether HA1 takes in the nonces of the first answer.
    public var isSession: Bool {
        switch self {
        case .md5Session, .sha256Session, .sha512t256Session: true
        case .md5, .sha256, .sha512t256: false
        }
    }

    /// The hash without `-sess`: what a stored HA1 was made with.
    public var base: DigestAlgorithm {
        switch self {
        case .md5, .md5Session: .md5
        case .sha256, .sha256Session: .sha256
        case .sha512t256, .sha512t256Session: .sha512t256
        }
    }

    /// For choosing among several challenges: a higher number is the better hash; `-sess` makes no difference.
    ///
    /// SHA-512/256 and SHA-256 are equally hard to invert; the wider inner state gives the order.
    public var strength: Int {
        switch self.base {
        case .sha512t256: 2
        case .sha256: 1
        default: 0
        }
    }

    /// How many hexadecimal digits a response or an HA1 has.
    public var hexCount: Int { self.base == .md5 ? 32 : 64 }

    /// The hash of some bytes in lower-case hexadecimal digits.
    public func hex(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(64)
        switch self.base {
        case .sha256: for byte in SHA256.hash(data: bytes) { Self.append(byte, to: &output) }
        case .sha512t256: for byte in SHA512t256.hash(bytes) { Self.append(byte, to: &output) }
        default: for byte in Insecure.MD5.hash(data: bytes) { Self.append(byte, to: &output) }
        }
        return output
    }

    private static func append(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(ASCII.hexDigit(byte >> 4))
        output.append(ASCII.hexDigit(byte))
    }
}
