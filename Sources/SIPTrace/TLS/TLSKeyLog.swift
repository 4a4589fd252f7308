import Glibc
import SIPKit

/// The secrets of TLS connections as programs write them for debugging: the "NSS key log" that `SSLKEYLOGFILE` names
/// (RFC 9850). A file is followed while it grows.
///
/// Lines that are none are passed over and counted. Bounded: ``maximumConnections``, beyond which the older half goes.
public final class TLSKeyLog {
    /// What is known about one connection, each secret as it stands in the log.
    struct Secrets {
        /// TLS 1.2 and older.
        var master: [UInt8]?
        /// TLS 1.3, by direction.
        var clientHandshake: [UInt8]?
        var serverHandshake: [UInt8]?
        var client: [UInt8]?
        var server: [UInt8]?
    }

    static let maximumConnections = 200_000
    static let maximumLine = 1024

    private var table: [[UInt8]: Secrets] = [:]
    private var order: [[UInt8]] = []
    /// The beginning of a line whose end has not been written yet.
    private var rest: [UInt8] = []
    private var path: String?
    private var descriptor: Int32 = -1
    private var offset = 0
    /// Lines that were neither empty, nor a comment, nor a secret.
    public private(set) var strangeLines = 0

    /// Keys of servers: they open connections whose secrets are in no log, where the client sent its secret encrypted.
    public var privateKeys: [TLSPrivateKey] = []

    /// Whether lines with secrets are kept for ``takeText()``.
    public var keepsText = false
    private var text: [UInt8] = []

    public init() {}

    /// The lines with secrets since the last call, for writing them down elsewhere.
    public func takeText() -> [UInt8] {
        defer { self.text = [] }
        return self.text
    }
    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    public var count: Int { self.table.count }

    /// Begins to read a file.
    ///
    /// - Parameter mayBeMissing: whether the file may come into being later.
    /// - Throws: ``CaptureError`` `.cannotOpen`.
    public func follow(_ path: String, mayBeMissing: Bool) throws(CaptureError) {
        self.path = path
        self.open()
        if self.descriptor < 0, !(mayBeMissing && errno == ENOENT) {
            throw CaptureError(.cannotOpen, "\(Printable.text(path.utf8)): \(String(cString: strerror(errno)))")
        }
        _ = self.refresh()
    }

    private func open() {
        guard let path = self.path else { return }
        self.descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        self.offset = 0
        self.rest = []
    }

    /// Reads what was added to the file since the last time.
    ///
    /// - Returns: whether a secret came.
    public func refresh() -> Bool {
        if self.descriptor < 0 { self.open() }
        guard self.descriptor >= 0 else { return false }
        var status = stat()
        // Begun anew by its writer.
        if fstat(self.descriptor, &status) == 0, Int(status.st_size) < self.offset {
            close(self.descriptor)
            self.open()
        }
        var found = false
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while self.descriptor >= 0 {
            let got = buffer.withUnsafeMutableBytes { Glibc.read(self.descriptor, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            self.offset += got
            if self.add(buffer.span.extracting(first: got)) { found = true }
        }
        return found
    }

    /// Takes more text of a log.
    ///
    /// - Returns: whether a secret was in it.
    @discardableResult
    public func add(_ text: Span<UInt8>) -> Bool {
        var found = false
        for index in text.indices {
            if text[index] == ASCII.lf {
                if self.readLine(self.rest) { found = true }
                self.rest.removeAll(keepingCapacity: true)
            } else if self.rest.count < Self.maximumLine {
                self.rest.append(text[index])
            }
        }
        return found
    }

    /// A log that is whole may lack the last line's end.
    public func end() {
        if self.readLine(self.rest) {}
        self.rest = []
    }

    private func readLine(_ line: [UInt8]) -> Bool {
        let words = line.split { ASCII.isLWS($0) }
        guard let label = words.first, label.first != 0x23 else { return false }
        guard words.count == 3, let random = Self.bytes(words[1]), random.count == 32,
            let secret = Self.bytes(words[2]), !secret.isEmpty
        else {
            self.strangeLines += 1
            return false
        }
        var entry = self.table[random] ?? Secrets()
        switch String(decoding: label, as: UTF8.self) {
        case "CLIENT_RANDOM": entry.master = secret
        case "CLIENT_HANDSHAKE_TRAFFIC_SECRET": entry.clientHandshake = secret
        case "SERVER_HANDSHAKE_TRAFFIC_SECRET": entry.serverHandshake = secret
        case "CLIENT_TRAFFIC_SECRET_0": entry.client = secret
        case "SERVER_TRAFFIC_SECRET_0": entry.server = secret
        default: return false  // Secrets for other purposes: early data, exporters.
        }
        if self.table[random] == nil { self.remember(random) }
        self.table[random] = entry
        if self.keepsText { self.text += line + [ASCII.lf] }
        return true
    }

    private func remember(_ random: [UInt8]) {
        if self.order.count >= Self.maximumConnections {
            for old in self.order.prefix(Self.maximumConnections / 2) { self.table[old] = nil }
            self.order.removeFirst(Self.maximumConnections / 2)
        }
        self.order.append(random)
    }

    private static func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            guard let value = ASCII.hexValue(digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    func secrets(of clientRandom: [UInt8]) -> Secrets? { self.table[clientRandom] }

    /// A master secret that was found with a server's key. It counts like a line of the log.
    func add(master: [UInt8], of clientRandom: [UInt8]) {
        guard self.table[clientRandom]?.master == nil else { return }
        let line = Array("CLIENT_RANDOM ".utf8) + Self.digits(clientRandom) + [ASCII.space] + Self.digits(master)
        _ = self.readLine(line)
    }

    private static func digits(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { [ASCII.hexDigit($0 >> 4), ASCII.hexDigit($0 & 15)] }
    }
}
