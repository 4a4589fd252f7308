import Crypto
import Glibc
import SIPKit

/// Keys for caller identity, from PEM files.
enum KeyFiles {
    /// - Throws: ``UsageError`` with what is wrong with the file.
    static func privateKey(_ path: String) throws(UsageError) -> P256.Signing.PrivateKey {
        let text = String(decoding: try FileText.read(path), as: UTF8.self)
        // Files of `openssl ecparam -genkey` begin with the curve's parameters.
        let start = text.range(of: "-----BEGIN EC PRIVATE KEY-----") ?? text.range(of: "-----BEGIN PRIVATE KEY-----")
        guard let start, let key = try? P256.Signing.PrivateKey(pemRepresentation: String(text[start...])) else {
            throw UsageError("\(Printable.text(path.utf8)) holds no P-256 key in PEM (--identity-key)")
        }
        return key
    }

    /// The keys of every certificate and public key in a folder, or in one file.
    static func publicKeys(_ path: String) throws(UsageError) -> [P256.Signing.PublicKey] {
        var files = [path]
        if let folder = opendir(path) {
            defer { closedir(folder) }
            files = []
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name.hasSuffix(".pem") || name.hasSuffix(".crt") { files.append("\(path)/\(name)") }
            }
        }
        var keys: [P256.Signing.PublicKey] = []
        for file in files.sorted() { keys += Self.keys(in: try FileText.read(file)) }
        guard !keys.isEmpty else {
            throw UsageError("\(Printable.text(path.utf8)) has no certificate with a P-256 key (--verify-identity)")
        }
        return keys
    }

    /// What stands before the 64 bytes of a P-256 key in every certificate and public key (RFC 5480 §2).
    private static let mark: [UInt8] = [
        0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D,
        0x03,
        0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ]

    static func keys(in pem: [UInt8]) -> [P256.Signing.PublicKey] {
        var keys: [P256.Signing.PublicKey] = []
        var block: [UInt8]?
        for line in pem.split(separator: ASCII.lf) {
            if line.starts(with: Array("-----BEGIN".utf8)) {
                block = []
            } else if line.starts(with: Array("-----END".utf8)) {
                if let der = block.flatMap({ Base64.bytes($0) }), let key = Self.key(in: der) { keys.append(key) }
                block = nil
            } else {
                block? += line
            }
        }
        return keys
    }

    private static func key(in der: [UInt8]) -> P256.Signing.PublicKey? {
        guard der.count >= Self.mark.count + 64 else { return nil }
        for start in 0...(der.count - Self.mark.count - 64) where der[start...].starts(with: Self.mark) {
            let place = start + Self.mark.count
            return try? P256.Signing.PublicKey(rawRepresentation: der[place..<(place + 64)])
        }
        return nil
    }
}

extension String {
    /// Where a text begins in this one.
    fileprivate func range(of text: String) -> String.Index? {
        let wanted = Array(text.utf8)
        var at = self.utf8.startIndex
        while at != self.utf8.endIndex {
            if self.utf8[at...].starts(with: wanted) { return at }
            at = self.utf8.index(after: at)
        }
        return nil
    }
}
