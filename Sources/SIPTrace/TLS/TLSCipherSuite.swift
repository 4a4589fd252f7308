/// What a TLS cipher suite means for its records (RFC 5246, 5288, 5289, 7905, 8446). Suites without a key exchange that a
/// key log could tell of, and those that nobody uses for SIP, are not in the table.
struct TLSCipherSuite: Equatable {
    enum Cipher: Equatable { case gcm, chacha, cbc }
    enum Hash: Equatable { case md5, sha1, sha256, sha384 }

    var cipher: Cipher
    /// Bytes.
    var keyLength: Int
    /// Of the key derivation in TLS 1.2 and 1.3.
    var hash: Hash
    /// Of the records' authentication, for CBC.
    var mac = Hash.sha1

    var macLength: Int {
        guard self.cipher == .cbc else { return 0 }
        return switch self.mac {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        }
    }

    init(_ cipher: Cipher, _ keyLength: Int, _ hash: Hash, mac: Hash = .sha1) {
        self.cipher = cipher
        self.keyLength = keyLength
        self.hash = hash
        self.mac = mac
    }

    init?(number: Int) {
        switch number {
        case 0x002F, 0x0033, 0xC009, 0xC013: self.init(.cbc, 16, .sha256)
        case 0x0035, 0x0039, 0xC00A, 0xC014: self.init(.cbc, 32, .sha256)
        case 0x003C, 0x0067, 0xC023, 0xC027: self.init(.cbc, 16, .sha256, mac: .sha256)
        case 0x003D, 0x006B: self.init(.cbc, 32, .sha256, mac: .sha256)
        case 0xC024, 0xC028: self.init(.cbc, 32, .sha384, mac: .sha384)
        case 0x009C, 0x009E, 0xC02B, 0xC02F, 0x1301: self.init(.gcm, 16, .sha256)
        case 0x009D, 0x009F, 0xC02C, 0xC030, 0x1302: self.init(.gcm, 32, .sha384)
        case 0xCCA8, 0xCCA9, 0xCCAA, 0x1303: self.init(.chacha, 32, .sha256)
        default: return nil
        }
    }
}
