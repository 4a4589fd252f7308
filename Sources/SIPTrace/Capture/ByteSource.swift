import Glibc

/// Bytes from a file descriptor, 1 MiB at a time, in one block that is kept.
///
/// `read()` into one warm block is three times as fast here as `mmap`, whose page faults cost more than the copying.
struct ByteSource {
    /// What has been read; the bytes before ``position`` are used up.
    private(set) var block: [UInt8]
    private(set) var position = 0
    private(set) var filled = 0
    /// How many bytes were used up before the block's first byte: for saying where a file is damaged.
    private var before = 0
    private var descriptor: Int32
    private var atEnd = false
    private var unpacker: (any Unpacker)?
    /// The error number of a failed read; the data ends there.
    private(set) var failure: Int32 = 0

    static let blockSize = 1 << 20

    init(descriptor: Int32) {
        self.descriptor = descriptor
        self.block = [UInt8](repeating: 0, count: Self.blockSize)
    }

    var offset: Int { self.before + self.position }
    var available: Int { self.filled &- self.position }

    /// Makes sure that `count` bytes stand at ``position``, reading when needed.
    ///
    /// - Returns: false when the data ends before that.
    @inline(__always)
    mutating func need(_ count: Int) -> Bool {
        self.filled &- self.position >= count || self.fill(count)
    }

    @inline(__always)
    mutating func advance(_ count: Int) { self.position = Swift.min(self.position &+ count, self.filled) }

    /// Passes over `count` bytes without keeping them.
    mutating func skip(_ count: Int) -> Bool {
        var left = count
        while left > self.available {
            left -= self.available
            self.position = self.filled
            guard self.need(1) else { return false }
        }
        self.position += left
        return true
    }

    @inline(never)
    private mutating func fill(_ count: Int) -> Bool {
        if self.position > 0 {
            let kept = self.available
            let from = self.position
            if kept > 0 {
                self.block.withUnsafeMutableBytes { bytes in
                    guard let base = bytes.baseAddress else { return }
                    _ = memmove(base, base + from, kept)
                }
            }
            self.before += self.position
            self.position = 0
            self.filled = kept
        }
        if count > self.block.count {
            self.block.append(contentsOf: repeatElement(0, count: count - self.block.count))
        }
        while self.filled < count, !self.atEnd { self.readOnce() }
        return self.filled >= count
    }

    private mutating func readOnce() {
        if let unpacker = self.unpacker {
            let got = unpacker.read(into: &self.block, at: self.filled, from: self.descriptor)
            if got <= 0 {
                self.atEnd = true
                if got < 0 { self.failure = EIO }
            } else {
                self.filled += got
            }
            return
        }
        let room = self.block.count - self.filled
        let (descriptor, filled) = (self.descriptor, self.filled)
        while true {
            let got = self.block.withUnsafeMutableBytes { bytes in
                Glibc.read(descriptor, bytes.baseAddress.map { $0 + filled }, room)
            }
            if got < 0, errno == EINTR { continue }
            if got < 0 { self.failure = errno }
            if got <= 0 { self.atEnd = true } else { self.filled += got }
            return
        }
    }

    /// Goes on as if the bytes that are still to come had been unpacked.
    mutating func unpack(_ compression: Compression) {
        self.unpacker = compression.unpacker(Array(self.block[self.position..<self.filled]))
        self.position = 0
        self.filled = 0
        self.atEnd = false
    }
}
