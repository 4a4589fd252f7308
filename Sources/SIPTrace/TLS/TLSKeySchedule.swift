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
        Self.derive(suite.hash, isOld: isOld, master, "key expansion", serverRandom + clientRandom, length)
    }

    /// The PRF of TLS 1.2 (RFC 5246 §5), or of 1.0 and 1.1, where two hashes each take half of the secret (RFC 2246 §5).
    private static func derive(
        _ hash: TLSCipherSuite.Hash, isOld: Bool, _ secret: [UInt8], _ label: String, _ seed: [UInt8], _ length: Int
    ) -> [UInt8] {
        let seed = Array(label.utf8) + seed
        guard isOld else { return Self.expand(hash, secret, seed, length) }
        let half = (secret.count + 1) / 2
        let left = Self.expand(.md5, Array(secret.prefix(half)), seed, length)
        let right = Self.expand(.sha1, Array(secret.suffix(half)), seed, length)
        return zip(left, right).map { $0 ^ $1 }
    }

    /// The master secret from the one that the client sent (RFC 5246 §8.1).
    static func master(
        _ suite: TLSCipherSuite, isOld: Bool, _ secret: [UInt8], clientRandom: [UInt8], serverRandom: [UInt8]
    ) -> [UInt8] {
        Self.derive(suite.hash, isOld: isOld, secret, "master secret", clientRandom + serverRandom, 48)
    }

    /// The same where both sides agreed to bind it to the handshake's messages so far (RFC 7627 §4).
    static func master(_ suite: TLSCipherSuite, isOld: Bool, _ secret: [UInt8], handshake: [UInt8]) -> [UInt8] {
        let digest: [UInt8]
        if isOld {
            digest = Array(Insecure.MD5.hash(data: handshake)) + Array(Insecure.SHA1.hash(data: handshake))
        } else if suite.hash == .sha384 {
            digest = Array(SHA384.hash(data: handshake))
        } else {
            digest = Array(SHA256.hash(data: handshake))
        }
        return Self.derive(suite.hash, isOld: isOld, secret, "extended master secret", digest, 48)
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
