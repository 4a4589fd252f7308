import Crypto
import CryptoExtras

/// Opens the records of one direction of a connection, one after another.
///
/// Every record is authenticated, so what comes out is what the sender wrote; a record that does not open is told as
/// such. After lost records the count is found again by trying the next ``patience`` numbers.
struct TLSProtection {
    static let patience: UInt64 = 64

    private let suite: TLSCipherSuite
    private let version: Int
    private let key: SymmetricKey
    private let macKey: [UInt8]
    private let encryptsThenMACs: Bool
    private var iv: [UInt8]
    private var sequence: UInt64 = 0

    /// TLS 1.3, from the secret of a direction and an epoch.
    init(_ suite: TLSCipherSuite, trafficSecret: [UInt8]) {
        self.suite = suite
        self.version = 0x0304
        self.key = SymmetricKey(data: TLSKeySchedule.expandLabel(suite.hash, trafficSecret, "key", suite.keyLength))
        self.iv = TLSKeySchedule.expandLabel(suite.hash, trafficSecret, "iv", 12)
        self.macKey = []
        self.encryptsThenMACs = false
    }

    /// TLS 1.0 to 1.2, from the direction's parts of the key block.
    init(_ suite: TLSCipherSuite, version: Int, key: [UInt8], iv: [UInt8], macKey: [UInt8], encryptsThenMACs: Bool) {
        self.suite = suite
        self.version = version
        self.key = SymmetricKey(data: key)
        self.iv = iv
        self.macKey = macKey
        self.encryptsThenMACs = encryptsThenMACs
    }

    /// The plaintext of a record, or `nil` when it does not open.
    ///
    /// - Parameter header: the record's five bytes.
    mutating func open(_ header: [UInt8], _ body: [UInt8]) -> [UInt8]? {
        guard self.suite.cipher != .cbc else { return self.openCBC(header, body) }
        for step in 0..<Self.patience {
            if let plain = self.openAEAD(header, body, self.sequence &+ step) {
                self.sequence &+= step + 1
                return plain
            }
        }
        return nil
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - $0 * 8)) }
    }

    private func openAEAD(_ header: [UInt8], _ body: [UInt8], _ sequence: UInt64) -> [UInt8]? {
        var cipherText = body[...]
        var nonce = self.iv
        let counter = Self.bytes(sequence)
        let is13 = self.version == 0x0304
        if self.suite.cipher == .gcm, !is13 {
            // Eight bytes of the nonce travel with the record (RFC 5288 §3).
            guard cipherText.count >= 24 else { return nil }
            nonce += cipherText.prefix(8)
            cipherText = cipherText.dropFirst(8)
        } else {
            guard cipherText.count >= 16, nonce.count == 12 else { return nil }
            for index in 0..<8 { nonce[4 + index] ^= counter[index] }
        }
        let tag = cipherText.suffix(16)
        let data = cipherText.dropLast(16)
        let length = [UInt8(truncatingIfNeeded: data.count >> 8), UInt8(truncatingIfNeeded: data.count)]
        let additional = is13 ? header : counter + header.prefix(3) + length
        do {
            if self.suite.cipher == .gcm {
                let box = try AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: nonce), ciphertext: data, tag: tag)
                return Array(try AES.GCM.open(box, using: self.key, authenticating: additional))
            }
            let box = try ChaChaPoly.SealedBox(nonce: ChaChaPoly.Nonce(data: nonce), ciphertext: data, tag: tag)
            return Array(try ChaChaPoly.open(box, using: self.key, authenticating: additional))
        } catch {
            return nil
        }
    }

    private mutating func openCBC(_ header: [UInt8], _ body: [UInt8]) -> [UInt8]? {
        var data = body[...]
        let macLength = self.suite.macLength
        var vector = self.iv
        var sentMAC: ArraySlice<UInt8>?
        if self.encryptsThenMACs {
            guard data.count > macLength else { return nil }
            sentMAC = data.suffix(macLength)
            data = data.dropLast(macLength)
        }
        let covered = Array(data)
        if self.version >= 0x0302 {
            // Each record brings its own vector since TLS 1.1.
            guard data.count > 16 else { return nil }
            vector = Array(data.prefix(16))
            data = data.dropFirst(16)
        }
        guard data.count >= 16, data.count % 16 == 0, vector.count == 16,
            let iv = try? AES._CBC.IV(ivBytes: vector),
            let opened = try? AES._CBC.decrypt(data, using: self.key, iv: iv, noPadding: true)
        else { return nil }
        var plain = [UInt8](opened)
        if self.version < 0x0302 { self.iv = Array(data.suffix(16)) }
        let padding = Int(plain.last ?? 0) + 1
        guard padding <= plain.count else { return nil }
        plain.removeLast(padding)
        if sentMAC == nil {
            guard plain.count >= macLength else { return nil }
            sentMAC = plain.suffix(macLength)
            plain.removeLast(macLength)
        }
        let signed = self.encryptsThenMACs ? covered : plain
        let length = [UInt8(truncatingIfNeeded: signed.count >> 8), UInt8(truncatingIfNeeded: signed.count)]
        for step in 0..<Self.patience {
            let text = Self.bytes(self.sequence &+ step) + header.prefix(3) + length + signed
            guard let sent = sentMAC, TLSKeySchedule.hmac(self.suite.mac, key: self.macKey, text).elementsEqual(sent)
            else { continue }
            self.sequence &+= step + 1
            return plain
        }
        return nil
    }
}
