import SIPKit
import Synchronization

/// The nonces of this process, given out and checked from any loop.
final class NonceBook: Sendable {
    private let issuer: Mutex<NonceIssuer>

    init(_ issuer: consuming sending NonceIssuer) { self.issuer = Mutex(issuer) }

    func issue(at second: UInt64, to source: IPAddress) -> InlineArray<56, UInt8> {
        self.issuer.withLock { $0.issue(at: second, to: source) }
    }

    func check(_ bytes: Span<UInt8>, _ range: ByteRange, at second: UInt64, from source: IPAddress) -> NonceIssuer
        .Nonce?
    {
        self.issuer.withLock { $0.check(bytes, range, at: second, from: source) }
    }

    func use(_ nonce: NonceIssuer.Nonce, count: UInt32?, by use: NonceIssuer.Use) -> Bool {
        self.issuer.withLock { $0.use(nonce, count: count, by: use) }
    }
}
