import SIPKit

/// One TLS connection as an observer with its secrets sees it: both directions' handshakes, then their records opened
/// (RFC 5246, RFC 8446).
///
/// The bytes of each direction are handed in as they come; nothing is verified that only the peers could verify.
final class TLSConnection {
    /// Why records of a connection stay closed.
    enum Obstacle: String, CaseIterable, Sendable {
        case noKey = "whose secrets are in no key log"
        case noHandshake = "that were captured from their middle"
        case unknownSuite = "with a cipher suite that cannot be opened here"
        case wrongKey = "that the secrets do not open"
    }

    enum Step: Equatable {
        /// What the peer's application wrote; empty for records without such.
        case plain([UInt8], used: Int)
        /// The record is not complete.
        case wait
        /// The keys are not known, or not yet.
        case closed(Obstacle)
        /// No record begins here.
        case damaged
    }

    /// A record may be that much longer than its 16 KiB of text.
    static let longestRecord = 16_384 + 2048
    static let longestHello = 65_536

    private struct Direction {
        var protection: TLSProtection?
        /// The keys of TLS 1.3 that come after the handshake's.
        var nextSecret: [UInt8]?
        var currentSecret: [UInt8] = []
        /// A handshake message that is not complete.
        var handshake: [UInt8] = []
        var hasChanged = false
        var isLost = false
        var opened = 0
        var failed = 0
    }

    private var directions = [Direction(), Direction()]
    private var clientRandom: [UInt8]?
    private var serverRandom: [UInt8]?
    private var version = 0
    private var suiteNumber = 0
    private var encryptsThenMACs = false
    private var bindsHandshake = false
    private var hasKeys = false
    /// The handshake's messages in the order in which they came, as long as a server's key may need them.
    private var transcript: [UInt8] = []
    /// What the client sent encrypted with the server's certificate.
    private var encryptedSecret: [UInt8]?
    /// Which of the two directions is the client's: 0 or 1, as their owner counts them.
    private var client: Int?
    private(set) var obstacle: Obstacle?
    /// Set when something became known that the other direction may wait for.
    private(set) var isNews = false

    func takeNews() -> Bool {
        defer { self.isNews = false }
        return self.isNews
    }

    /// Bytes of a direction are missing.
    func lose(_ side: Int) {
        self.directions[side & 1].isLost = true
        self.directions[side & 1].handshake = []
    }

    /// Reads one record at `start`.
    func step(_ bytes: Span<UInt8>, from start: Int, side: Int, _ keys: TLSKeyLog?) -> Step {
        let side = side & 1
        guard bytes.count - start >= 5 else { return .wait }
        let (type, length) = (bytes.u8(start), bytes.u16(start + 3))
        guard (20...24).contains(type), bytes.u8(start + 1) == 3, bytes.u8(start + 2) <= 4,
            length <= Self.longestRecord
        else { return .damaged }
        let end = start + 5 + length
        guard bytes.count >= end else { return .wait }
        let header = bytes.copy(ByteRange(start, start + 5))
        let body = bytes.part(start + 5, end)
        let used = 5 + length
        self.directions[side].isLost = false
        if !self.isProtected(type, side) {
            switch type {
            case 20: self.directions[side].hasChanged = true
            case 22: self.takeHandshake(body, side, keepsAll: !(keys?.privateKeys.isEmpty ?? true))
            default: break
            }
            return .plain([], used: used)
        }
        if !self.hasKeys, let obstacle = self.findKeys(keys) {
            self.obstacle = obstacle
            return .closed(obstacle)
        }
        self.obstacle = nil
        guard let text = self.open(header, body.copy(ByteRange(0, body.count)), side) else {
            self.directions[side].failed += 1
            // The handshake's own records may stay closed: their keys are not in every log.
            if self.directions[side].failed > 32, self.directions[side].opened == 0 { self.obstacle = .wrongKey }
            return .plain([], used: used)
        }
        self.directions[side].opened += 1
        self.directions[side].failed = 0
        return .plain(text, used: used)
    }

    /// Whether a record of this type is encrypted at this point.
    private func isProtected(_ type: Int, _ side: Int) -> Bool {
        if type == 23 { return true }
        if type == 20 || self.version == 0x0304 { return false }
        return self.directions[side].hasChanged
    }

    private func open(_ header: [UInt8], _ body: [UInt8], _ side: Int) -> [UInt8]? {
        guard self.version == 0x0304 else {
            let plain = self.directions[side].protection?.open(header, body)
            return header.first == 23 ? plain : plain.map { _ in [] }
        }
        var plain = self.directions[side].protection?.open(header, body)
        if plain == nil, let next = self.directions[side].nextSecret,
            let suite = TLSCipherSuite(number: self.suiteNumber)
        {
            var following = TLSProtection(suite, trafficSecret: next)
            plain = following.open(header, body)
            if plain != nil {
                self.directions[side].protection = following
                self.directions[side].currentSecret = next
                self.directions[side].nextSecret = nil
            }
        }
        guard var text = plain else { return nil }
        // The true type stands last, behind it zeros (RFC 8446 §5.2).
        while text.last == 0 { text.removeLast() }
        guard let type = text.popLast() else { return [] }
        if type == 22, text.first == 24 { self.updateKey(side) }
        return type == 23 ? text : []
    }

    /// KeyUpdate: the sender's next records have the next generation of keys (RFC 8446 §7.2).
    private func updateKey(_ side: Int) {
        guard let suite = TLSCipherSuite(number: self.suiteNumber), self.directions[side].nextSecret == nil else {
            return
        }
        let secret = TLSKeySchedule.expandLabel(
            suite.hash, self.directions[side].currentSecret, "traffic upd", suite.hash == .sha384 ? 48 : 32)
        self.directions[side].currentSecret = secret
        self.directions[side].protection = TLSProtection(suite, trafficSecret: secret)
    }

    // MARK: Keys

    private func findKeys(_ keys: TLSKeyLog?) -> Obstacle? {
        guard let clientRandom = self.clientRandom, let serverRandom = self.serverRandom, let client = self.client
        else {
            return .noHandshake
        }
        guard let suite = TLSCipherSuite(number: self.suiteNumber) else { return .unknownSuite }
        if let keys, keys.secrets(of: clientRandom)?.master == nil {
            self.tryPrivateKeys(keys, suite, clientRandom, serverRandom)
        }
        guard let secrets = keys?.secrets(of: clientRandom) else { return .noKey }
        let server = 1 - client
        if self.version == 0x0304 {
            guard let ofClient = secrets.client, let ofServer = secrets.server else { return .noKey }
            self.begin13(client, suite, handshake: secrets.clientHandshake, ofClient)
            self.begin13(server, suite, handshake: secrets.serverHandshake, ofServer)
        } else {
            guard let master = secrets.master else { return .noKey }
            let isOld = self.version < 0x0303
            let ivLength = suite.cipher == .gcm ? 4 : suite.cipher == .chacha ? 12 : isOld ? 16 : 0
            let (mac, key) = (suite.macLength, suite.keyLength)
            let block = TLSKeySchedule.keyBlock(
                suite, isOld: isOld, master: master, clientRandom: clientRandom, serverRandom: serverRandom,
                length: 2 * (mac + key + ivLength))
            for (index, side) in [client, server].enumerated() {
                let keyStart = 2 * mac + index * key
                let ivStart = 2 * (mac + key) + index * ivLength
                self.directions[side].protection = TLSProtection(
                    suite, version: self.version, key: Array(block[keyStart..<keyStart + key]),
                    iv: Array(block[ivStart..<ivStart + ivLength]),
                    macKey: Array(block[index * mac..<(index + 1) * mac]),
                    encryptsThenMACs: self.encryptsThenMACs && suite.cipher == .cbc)
            }
        }
        self.hasKeys = true
        return nil
    }

    private func tryPrivateKeys(
        _ keys: TLSKeyLog, _ suite: TLSCipherSuite, _ clientRandom: [UInt8], _ serverRandom: [UInt8]
    ) {
        guard let encrypted = self.encryptedSecret, self.version < 0x0304 else { return }
        let isOld = self.version < 0x0303
        for key in keys.privateKeys {
            guard let secret = key.open(encrypted) else { continue }
            let master =
                self.bindsHandshake
                ? TLSKeySchedule.master(suite, isOld: isOld, secret, handshake: self.transcript)
                : TLSKeySchedule.master(
                    suite, isOld: isOld, secret, clientRandom: clientRandom, serverRandom: serverRandom)
            keys.add(master: master, of: clientRandom)
            break
        }
        self.encryptedSecret = nil
        self.transcript = []
    }

    private func begin13(_ side: Int, _ suite: TLSCipherSuite, handshake: [UInt8]?, _ application: [UInt8]) {
        let first = handshake ?? application
        self.directions[side].protection = TLSProtection(suite, trafficSecret: first)
        self.directions[side].currentSecret = first
        self.directions[side].nextSecret = handshake == nil ? nil : application
    }

    // MARK: Handshake

    private func takeHandshake(_ body: Span<UInt8>, _ side: Int, keepsAll: Bool) {
        guard self.directions[side].handshake.count + body.count <= Self.longestHello else {
            self.directions[side].handshake = []
            return
        }
        self.directions[side].handshake += body.copy(ByteRange(0, body.count))
        let bytes = self.directions[side].handshake
        var at = 0
        while bytes.count - at >= 4 {
            let end = at + 4 + (bytes.span.u8(at + 1) << 16 | bytes.span.u16(at + 2))
            guard bytes.count >= end else { break }
            switch bytes[at] {
            case 1: self.takeClientHello(bytes.span.part(at + 4, end), side)
            case 2: self.takeServerHello(bytes.span.part(at + 4, end), side)
            default: break
            }
            if keepsAll { self.keep(bytes.span.part(at, end), side) }
            at = end
        }
        // Set in the end: a hello with another random begins the connection anew, and with it both directions.
        self.directions[side].handshake = Array(bytes[at...])
    }

    /// Keeps the handshake up to the client's encrypted secret. Messages of the two sides alternate, so the order in which
    /// they come is the one in which they were sent.
    private func keep(_ message: Span<UInt8>, _ side: Int) {
        guard self.encryptedSecret == nil, !self.hasKeys else { return }
        if message.u8(0) == 1 { self.transcript = [] }
        guard self.transcript.count + message.count <= Self.longestHello else {
            self.transcript = []
            return
        }
        self.transcript += message.copy(ByteRange(0, message.count))
        // ClientKeyExchange; in SSL 3 the length is missing, and nobody speaks that any more.
        guard message.u8(0) == 16, side == self.client, message.count > 6, message.u16(4) == message.count - 6 else {
            return
        }
        self.encryptedSecret = message.copy(ByteRange(6, message.count))
    }

    private func takeClientHello(_ hello: Span<UInt8>, _ side: Int) {
        guard hello.count >= 34 else { return }
        let random = hello.copy(ByteRange(2, 34))
        // The second hello after a HelloRetryRequest has the same random; another random is a new handshake.
        if self.clientRandom != nil, self.clientRandom != random {
            self.directions = [Direction(), Direction()]
            self.serverRandom = nil
            self.hasKeys = false
            self.encryptedSecret = nil
            self.version = 0
        }
        self.clientRandom = random
        self.client = side
    }

    /// "The random of HelloRetryRequest": SHA-256 of its name (RFC 8446 §4.1.3).
    private static let retry: [UInt8] = [
        0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2,
        0x11,
        0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
    ]

    private func takeServerHello(_ hello: Span<UInt8>, _ side: Int) {
        guard hello.count >= 38 else { return }
        let random = hello.copy(ByteRange(2, 34))
        guard random != Self.retry else { return }
        self.serverRandom = random
        self.version = hello.u16(0)
        let session = hello.u8(34)
        self.suiteNumber = hello.u16(35 + session)
        self.encryptsThenMACs = false
        self.bindsHandshake = false
        var at = 35 + session + 5
        while at + 4 <= hello.count {
            let (kind, length) = (hello.u16(at), hello.u16(at + 2))
            if kind == 0x002B, length == 2 { self.version = hello.u16(at + 4) }
            if kind == 0x0016 { self.encryptsThenMACs = true }
            if kind == 0x0017 { self.bindsHandshake = true }
            at += 4 + length
        }
        if self.client == nil { self.client = 1 - side }
        self.isNews = true
    }
}
