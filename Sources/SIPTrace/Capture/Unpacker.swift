import Glibc

/// Undoes a compression while a file is read.
protocol Unpacker: AnyObject {
    /// Unpacks into the free end of `block`, reading more from the descriptor when needed.
    ///
    /// - Returns: how many bytes were written; 0 at the end, -1 when the data is damaged or cut short.
    func read(into block: inout [UInt8], at filled: Int, from descriptor: Int32) -> Int
}

/// The compressions that are known by their first bytes.
enum Compression: Equatable {
    case gzip, zstd, xz

    /// - Parameter magic: the first four bytes, big-endian.
    init?(magic: UInt32) {
        switch magic {
        case _ where magic >> 16 == 0x1F8B: self = .gzip
        case 0x28B5_2FFD: self = .zstd
        case 0xFD37_7A58: self = .xz
        default: return nil
        }
    }

    var name: String {
        switch self {
        case .gzip: "gzip"
        case .zstd: "zstd"
        case .xz: "xz"
        }
    }

    /// - Parameter start: what has been read of the file already.
    func unpacker(_ start: [UInt8]) -> any Unpacker {
        switch self {
        case .gzip: Inflater(start)
        case .zstd: ZstdUnpacker(start)
        case .xz: XZUnpacker(start)
        }
    }
}

/// Compressed bytes as they come: those that were read before, then more from a descriptor.
struct PackedInput {
    private(set) var bytes: [UInt8]
    var position = 0

    init(_ start: [UInt8]) { self.bytes = start }

    var isUsedUp: Bool { self.position >= self.bytes.count }

    /// Reads the next piece.
    ///
    /// - Returns: false at the end.
    mutating func refill(_ descriptor: Int32) -> Bool {
        if self.bytes.count != ByteSource.blockSize { self.bytes = [UInt8](repeating: 0, count: ByteSource.blockSize) }
        var got = 0
        repeat {
            got = self.bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        } while got < 0 && errno == EINTR
        self.position = 0
        guard got > 0 else {
            self.bytes = []
            return false
        }
        if got < self.bytes.count { self.bytes.removeLast(self.bytes.count - got) }
        return true
    }
}
