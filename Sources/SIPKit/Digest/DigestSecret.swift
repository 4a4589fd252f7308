/// What a user's digest is made from: a password, or the hash that was stored in its place.
public enum DigestSecret: Sendable, Equatable {
    /// The password's bytes, usually UTF-8.
    case password([UInt8])
    /// H(user:realm:password) in hexadecimal digits, of the hash it was made with (never a `-sess` one).
    case ha1([UInt8], DigestAlgorithm)

    /// H(user:realm:password) in lower-case digits; `nil` where a stored hash is of another algorithm or length.
    public func ha1(user: [UInt8], realm: [UInt8], algorithm: DigestAlgorithm) -> [UInt8]? {
        switch self {
        case .password(let password):
            return algorithm.hex(user + [ASCII.colon] + realm + [ASCII.colon] + password)
        case .ha1(let hash, let made):
            guard made.base == algorithm.base, hash.count == algorithm.hexCount else { return nil }
            return hash.map(ASCII.lowercased)
        }
    }
}
