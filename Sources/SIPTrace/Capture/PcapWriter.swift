import Glibc
import SIPKit

/// Writes a capture file with nanoseconds, as pcap or pcapng, packed or not, through a buffer of its own.
///
/// After an error nothing more is written, and the file ends with the last whole record.
public struct PcapWriter: ~Copyable {
    /// What kind of file it is; told by the name (`.pcapng`, `.gz`, `.zst`).
    public struct Kind: Sendable, Equatable {
        public enum Packing: Sendable { case none, gzip, zstd }
        public var isPcapng = false
        public var packing = Packing.none

        public init() {}

        public init(path: String) {
            var name = Substring(path)
            if name.hasSuffix(".gz") {
                self.packing = .gzip
                name = name.dropLast(3)
            } else if name.hasSuffix(".zst") {
                self.packing = .zstd
                name = name.dropLast(4)
            }
            self.isPcapng = name.hasSuffix(".pcapng") || name.hasSuffix(".ntar")
        }
    }

    public let path: String
    /// The link type of a pcap file; a pcapng file takes packets of any.
    public let link: LinkType
    public let kind: Kind
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var interfaces: [LinkType] = []
    private let snapLength: UInt32
    /// How many bytes the file has; what is still in the buffer counts unpacked.
    public var size: Int { self.safe + self.buffer.count }
    public private(set) var packets = 0
    /// How many bytes are in the file for certain, up to the end of a record.
    private var safe = 0

    static let bufferSize = 1 << 18

    /// Creates the file, or empties the one that is there.
    ///
    /// - Throws: ``CaptureError`` `.cannotOpen`.
    public init(path: String, link: LinkType, kind: Kind? = nil, snapLength: UInt32 = 262_144) throws(CaptureError) {
        self.path = path
        self.link = link
        self.kind = kind ?? Kind(path: path)
        self.snapLength = snapLength
        self.descriptor =
            path == "-" ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else {
            throw CaptureError(.cannotOpen, "\(Printable.text(path.utf8)): \(String(cString: strerror(errno)))")
        }
        self.buffer.reserveCapacity(Self.bufferSize + 65_536)
        if self.kind.isPcapng {
            self.block(0x0A0D_0D0A, [0x1A2B_3C4D, 1, .max, .max], [])
        } else {
            let words: [UInt32] = [0xA1B2_3C4D, 4 << 16 | 2, 0, 0, snapLength, link.rawValue]
            for word in words { self.number(word) }
        }
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    /// Whether its name still leads to this file: nobody has moved or removed it.
    public var isInPlace: Bool {
        var (named, mine) = (stat(), stat())
        guard fstat(self.descriptor, &mine) == 0 else { return false }
        if self.path == "-" { return true }
        return stat(self.path, &named) == 0 && named.st_ino == mine.st_ino && named.st_dev == mine.st_dev
    }

    /// In this machine's order: little-endian on all that we run on, and readers take both.
    private mutating func number(_ value: UInt32) {
        for shift in [0, 8, 16, 24] as [UInt32] { self.buffer.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    /// A pcapng block whose body is some words and then bytes.
    private mutating func block(_ type: UInt32, _ words: [UInt32], _ tail: [UInt8]) {
        let padding = (4 - tail.count % 4) % 4
        let length = UInt32(truncatingIfNeeded: 12 + words.count * 4 + tail.count + padding)
        self.number(type)
        self.number(length)
        for word in words { self.number(word) }
        self.buffer += tail
        for _ in 0..<padding { self.buffer.append(0) }
        self.number(length)
    }

    private static func option(_ code: UInt8, _ value: [UInt8]) -> [UInt8] {
        let count = Swift.min(value.count, 4096)
        return [code, 0, UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)] + value.prefix(count)
            + [UInt8](repeating: 0, count: (4 - count % 4) % 4)
    }

    /// Puts TLS secrets into the file, so that whoever has it can open what it holds (pcapng only).
    public mutating func writeSecrets(_ keyLog: [UInt8]) {
        guard self.kind.isPcapng, !keyLog.isEmpty else { return }
        self.block(10, [0x544C_534B, UInt32(truncatingIfNeeded: keyLog.count)], keyLog)
    }

    /// Adds one packet.
    ///
    /// - Parameters:
    ///   - link: its link type where it is not the file's (pcapng only).
    ///   - comment: a sentence about it (pcapng only).
    /// - Throws: ``CaptureError`` `.failed` when the disk is full or gone; the file then ends before this record.
    public mutating func write(
        _ packet: Span<UInt8>, time: Int64, wireLength: Int, link: LinkType? = nil, comment: String = ""
    ) throws(CaptureError) {
        let captured = UInt32(truncatingIfNeeded: packet.count)
        let original = UInt32(truncatingIfNeeded: Swift.max(wireLength, packet.count))
        if self.kind.isPcapng {
            let number = self.interface(link ?? self.link)
            let ticks = UInt64(bitPattern: time)
            let padding = (4 - packet.count % 4) % 4
            let options = comment.isEmpty ? [] : Self.option(1, Array(comment.utf8)) + [0, 0, 0, 0]
            let length = UInt32(truncatingIfNeeded: 32 + packet.count + padding + options.count)
            for word in [
                6, length, number, UInt32(truncatingIfNeeded: ticks >> 32), UInt32(truncatingIfNeeded: ticks), captured,
                original,
            ] { self.number(word) }
            packet.withUnsafeBufferPointer { self.buffer.append(contentsOf: $0) }
            for _ in 0..<padding { self.buffer.append(0) }
            self.buffer += options
            self.number(length)
        } else {
            let seconds = time / 1_000_000_000
            self.number(UInt32(truncatingIfNeeded: seconds))
            self.number(UInt32(truncatingIfNeeded: time - seconds * 1_000_000_000))
            self.number(captured)
            self.number(original)
            packet.withUnsafeBufferPointer { self.buffer.append(contentsOf: $0) }
        }
        self.packets += 1
        if self.buffer.count >= Self.bufferSize { try self.flush() }
    }

    /// The number of the interface with this link type; described when it is new.
    private mutating func interface(_ link: LinkType) -> UInt32 {
        if let known = self.interfaces.firstIndex(of: link) { return UInt32(truncatingIfNeeded: known) }
        self.interfaces.append(link)
        // Times are nanoseconds.
        self.block(1, [link.rawValue & 0xFFFF, self.snapLength], Self.option(9, [9]) + [0, 0, 0, 0])
        return UInt32(truncatingIfNeeded: self.interfaces.count - 1)
    }

    /// Hands what there is to the system. A packed file gets its next piece only when it is worth one, or at the end.
    public mutating func flush(isLast: Bool = false) throws(CaptureError) {
        guard !self.buffer.isEmpty else { return }
        var piece = self.buffer
        switch self.kind.packing {
        case .none: break
        case .gzip, .zstd:
            guard isLast || self.buffer.count >= Self.bufferSize / 4 else { return }
            guard let packed = self.kind.packing == .gzip ? Packer.gzip(piece) : Packer.zstd(piece) else {
                throw CaptureError(.failed, "\(Printable.text(self.path.utf8)): no memory for packing")
            }
            piece = packed
        }
        var written = 0
        while written < piece.count {
            let from = written
            let descriptor = self.descriptor
            let got = piece.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress.map { $0 + from }, bytes.count - from)
            }
            if got > 0 {
                written += got
            } else if errno != EINTR {
                let reason = String(cString: strerror(errno))
                // A record that is there by half would make the file look damaged.
                ftruncate(self.descriptor, off_t(self.safe))
                self.buffer.removeAll()
                throw CaptureError(
                    .failed, "\(Printable.text(self.path.utf8)): \(reason); the file ends at byte \(self.safe)")
            }
        }
        self.safe += written
        self.buffer.removeAll(keepingCapacity: true)
    }
}
