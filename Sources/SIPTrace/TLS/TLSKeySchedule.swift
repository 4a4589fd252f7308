import Crypto

/// From the secrets of a key log to the keys of records.
enum TLSKeySchedule {
    static func hmac(_ hash: TLSCipherSuite.Hash, key: [UInt8], _ data: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch hash {
        case .md5: Array(HMAC<Insecure.MD5>.authenticationCode(for: data, using: key))
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: data, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: data, using: key))
        case .sha384: Array(HMAC<SHA384>.authenticationCode(for: data, using: key))
        }
    }

    /// P_hash of RFC 5246 §5.
    static func expand(_ hash: TLSCipherSuite.Hash, _ secret: [UInt8], _ seed: [UInt8], _ length: Int) -> [UInt8] {
        var output: [UInt8] = []
        var a = seed
        while output.count < length {
            a = Self.hmac(hash, key: secret, a)
            output += Self.hmac(hash, key: secret, a + seed)
        }
        return Array(output.prefix(length))
    }

    /// The key block of TLS 1.2; of 1.0 and 1.1 (RFC 2246 §5), where two hashes each take half of the secret.
    static func keyBlock(
        _ suite: TLSCipherSuite, isOld: Bool, master: [UInt8], clientRandom: [UInt8], serverRandom: [UInt8],
        length: Int
    ) -> [UInt8] {
        let seed = Array("key expansion".utf8) + serverRandom + clientRandom
        guard isOld else { return Self.expand(suite.hash, master, seed, length) }
        let half = (master.count + 1) / 2
        let left = Self.expand(.md5, Array(master.prefix(half)), seed, length)
        let right = Self.expand(.sha1, Array(master.suffix(half)), seed, length)
        return zip(left, right).map { $0 ^ $1 }
    }

    /// HKDF-Expand-Label of RFC 8446 §7.1, with an empty context.
    static func expandLabel(_ hash: TLSCipherSuite.Hash, _ secret: [UInt8], _ label: String, _ length: Int) -> [UInt8] {
        let name = Array("tls13 \(label)".utf8)
        let info: [UInt8] = [0, UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: name.count)] + name + [0]
        let key =
            hash == .sha384
            ? HKDF<SHA384>.expand(pseudoRandomKey: secret, info: info, outputByteCount: length)
            : HKDF<SHA256>.expand(pseudoRandomKey: secret, info: info, outputByteCount: length)
        return key.withUnsafeBytes { Array($0) }
    }
}
