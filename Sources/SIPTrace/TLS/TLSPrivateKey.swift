import Crypto
import CryptoExtras
import SIPKit

/// A server's RSA key: opens what clients of TLS 1.2 and older send encrypted with its certificate (RFC 5246 §7.4.7.1).
///
/// Of no use against a key exchange with Diffie-Hellman, which is the point of that.
public struct TLSPrivateKey: Sendable {
    private let key: _RSA.BlindSigning.PrivateKey<SHA384>

    /// - Parameter pem: PKCS #1 or PKCS #8, without a password.
    /// - Throws: ``CaptureError`` `.cannotOpen` for anything else.
    public init(pem: String, name: String) throws(CaptureError) {
        do {
            // "unsafe" means that keys of 1024 bits, which old servers have, are taken, too.
            self.key = try _RSA.BlindSigning.PrivateKey(
                unsafePEMRepresentation: pem, parameters: .RSABSSA_SHA384_PSS_Randomized)
        } catch {
            throw CaptureError(
                .cannotOpen,
                "\(Printable.text(name.utf8)): an RSA key in PEM without a password is needed"
                    + (pem.contains("ENCRYPTED") ? " (openssl pkey -in FILE -out PLAIN)" : ""))
        }
    }

    static let secretLength = 48

    /// The secret before the master secret; `nil` when it was not encrypted for this key.
    func open(_ secret: [UInt8]) -> [UInt8]? {
        // A blind signature is the bare operation with the private exponent, which is what decrypts. The library offers no
        // other way to it, and padding that is looked at here tells nobody anything: we are no server.
        guard secret.count * 8 == self.key.keySizeInBits,
            let result = try? self.key.blindSignature(for: secret)
        else { return nil }
        let plain = result.withUnsafeBytes { Array($0) }
        // 00 02, bytes that are not 0, a 0, then the secret (PKCS #1 v1.5).
        let start = plain.count - Self.secretLength
        guard start >= 11, plain[0] == 0, plain[1] == 2, plain[start - 1] == 0, !plain[2..<(start - 1)].contains(0)
        else { return nil }
        return Array(plain[start...])
    }
}
