import Glibc

/// Where the bytes of a text trace come from: a descriptor that is read, or bytes in memory.
public final class TextSource {
    private var descriptor: Int32
    private let closes: Bool
    private var memory: [UInt8]
    private var position = 0
    /// How many bytes were read so far: for showing progress.
    public private(set) var bytesRead = 0
    /// The error number of a read that failed; the data ends there.
    public private(set) var failure: Int32 = 0
    /// Asked when a read was interrupted by a signal; `true` ends the data there, as at the end of a file.
    public var isStopped: () -> Bool = { false }
    /// After so many bytes of the descriptor the data ends, whatever it still has.
    public var limit = Int.max

    /// Called before each read, with the number of bytes read so far.
    public var willRead: (Int) -> Void = { _ in }

    /// Reads a descriptor, behind bytes that somebody has read from it already.
    public init(descriptor: Int32, closing: Bool = false, prefix: [UInt8] = []) {
        self.descriptor = descriptor
        self.closes = closing
        self.memory = prefix
    }

    public init(bytes: [UInt8]) {
        self.descriptor = -1
        self.closes = false
        self.memory = bytes
    }

    /// - Throws: ``TextSourceError``.
    public init(path: String) throws(TextSourceError) {
        self.descriptor = open(path, O_RDONLY | O_CLOEXEC)
        self.closes = true
        self.memory = []
        guard self.descriptor >= 0 else {
            throw TextSourceError(path: path, reason: String(cString: strerror(errno)))
        }
    }

    deinit { if self.closes, self.descriptor >= 0 { close(self.descriptor) } }

    /// The first bytes, taken away: for looking at what a packed input holds.
    public func head(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { self.read(into: $0) }
        return Array(bytes[..<got])
    }

    /// - Returns: how many bytes were written to the buffer; 0 at the end of the data.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard self.descriptor >= 0, self.position == self.memory.count else { return self.copy(into: buffer) }
        while true {
            if self.isStopped() { return 0 }
            self.willRead(self.bytesRead)
            let room = min(buffer.count, self.limit - self.bytesRead)
            guard room > 0 else { return 0 }
            let got = Glibc.read(self.descriptor, buffer.baseAddress, room)
            if got < 0, errno == EINTR { continue }
            if got < 0 { self.failure = errno }
            self.bytesRead += max(0, got)
            return max(0, got)
        }
    }

    private func copy(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, self.memory.count - self.position)
        guard count > 0 else { return 0 }
        self.memory.withUnsafeBytes { bytes in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[self.position..<self.position + count]))
        }
        self.position += count
        self.bytesRead += count
        return count
    }
}
