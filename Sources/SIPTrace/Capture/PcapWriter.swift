import Glibc
import SIPKit

/// Writes a pcap file with nanoseconds, through a buffer of its own.
///
/// After an error nothing more is written, and the file ends with the last whole record.
public struct PcapWriter: ~Copyable {
    public let path: String
    public let link: LinkType
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// How many bytes the file has, the buffer included.
    public private(set) var size = 0
    public private(set) var packets = 0
    /// How many bytes are in the file for certain, up to the end of a record.
    private var safe = 0

    static let bufferSize = 1 << 18

    /// Creates the file, or empties the one that is there.
    ///
    /// - Throws: ``CaptureError`` `.cannotOpen`.
    public init(path: String, link: LinkType, snapLength: UInt32 = 262_144) throws(CaptureError) {
        self.path = path
        self.link = link
        self.descriptor =
            path == "-" ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else {
            throw CaptureError(.cannotOpen, "\(Printable.text(path.utf8)): \(String(cString: strerror(errno)))")
        }
        self.buffer.reserveCapacity(Self.bufferSize + 65_536)
        self.number(0xA1B2_3C4D)
        self.number(4 << 16 | 2)
        self.number(0)
        self.number(0)
        self.number(snapLength)
        self.number(link.rawValue)
        self.size = self.buffer.count
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    /// In this machine's order: little-endian on all that we run on, and readers take both.
    private mutating func number(_ value: UInt32) {
        for shift in [0, 8, 16, 24] as [UInt32] { self.buffer.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    /// Adds one packet.
    ///
    /// - Throws: ``CaptureError`` `.failed` when the disk is full or gone; the file then ends before this record.
    public mutating func write(_ packet: Span<UInt8>, time: Int64, wireLength: Int) throws(CaptureError) {
        let seconds = time / 1_000_000_000
        self.number(UInt32(truncatingIfNeeded: seconds))
        self.number(UInt32(truncatingIfNeeded: time - seconds * 1_000_000_000))
        self.number(UInt32(truncatingIfNeeded: packet.count))
        self.number(UInt32(truncatingIfNeeded: Swift.max(wireLength, packet.count)))
        packet.withUnsafeBufferPointer { self.buffer.append(contentsOf: $0) }
        self.size += 16 + packet.count
        self.packets += 1
        if self.buffer.count >= Self.bufferSize { try self.flush() }
    }

    public mutating func flush() throws(CaptureError) {
        var written = 0
        while written < self.buffer.count {
            let from = written
            let descriptor = self.descriptor
            let got = self.buffer.withUnsafeBytes { bytes in
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
