import Glibc
import SIPKit

/// Everything that is printed, gathered and written in large pieces.
///
/// Formatting costs less than a nanosecond a byte, a `write(2)` some microseconds: so few of them, except when somebody
/// watches live. After an error (the disk is full, the reader of the pipe went away) output is dropped and
/// ``failure`` tells why.
struct OutputBuffer: ~Copyable {
    private var bytes: [UInt8]
    private var filled = 0
    private let descriptor: Int32
    /// The error number of a failed write; 0 while all is well.
    private(set) var failure: Int32 = 0

    static let size = 1 << 18
    /// What fits without asking: more than any header line.
    private static let slack = 4096

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
        self.bytes = [UInt8](repeating: 0, count: Self.size + Self.slack)
    }

    deinit {
        // What is left is the caller's to flush: a deinit could not tell of an error.
    }

    /// Whether the reader of our output has gone: the quiet end of a pipeline.
    var readerIsGone: Bool { self.failure == EPIPE }

    @inline(__always)
    mutating func write(byte: UInt8) {
        if self.filled >= self.bytes.count { self.flush() }
        self.bytes[self.filled] = byte
        self.filled &+= 1
    }

    mutating func write(_ text: StaticString) { text.withUTF8Buffer { self.write($0.span) } }

    @_disfavoredOverload
    mutating func write(_ text: String) { self.write(Array(text.utf8)) }

    mutating func write(_ text: [UInt8]) {
        self.write(text.span)
    }

    /// Bytes as they are.
    mutating func write(_ source: Span<UInt8>) { self.copy(source, keepingLF: true, mapping: false, other: 0) }

    /// Bytes made harmless: printable ASCII stays, all else becomes `other`; LF stays where lines are kept.
    mutating func writePrintable(_ source: Span<UInt8>, keepingLF: Bool, other: UInt8 = 0x2E) {
        self.copy(source, keepingLF: keepingLF, mapping: true, other: other)
    }

    private mutating func copy(_ source: Span<UInt8>, keepingLF: Bool, mapping: Bool, other: UInt8) {
        var from = 0
        while from < source.count {
            if self.filled >= Self.size { self.flush() }
            let count = Swift.min(source.count - from, self.bytes.count - self.filled)
            let to = self.filled
            let part = source.extracting(from..<from + count)
            self.bytes.withUnsafeMutableBufferPointer { output in
                part.withUnsafeBufferPointer { input in
                    guard let output = output.baseAddress, let input = input.baseAddress else { return }
                    if mapping {
                        PrintableBytes.map(input, count, to: output + to, keepingLF: keepingLF, other: other)
                    } else {
                        memcpy(output + to, input, count)
                    }
                }
            }
            self.filled += count
            from += count
        }
    }

    /// A number in decimal digits, filled with zeros up to a width.
    mutating func write(number: Int, width: Int = 1) {
        self.makeRoom(24)
        var digits = 1
        var limit = 10
        let value = number < 0 ? 0 &- number : number
        if number < 0 { self.write(byte: ASCII.minus) }
        while digits < 19, value >= limit {
            digits &+= 1
            limit &*= 10
        }
        digits = Swift.max(digits, width)
        var rest = value
        var at = self.filled &+ digits
        while at > self.filled {
            at &-= 1
            self.bytes[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        self.filled &+= digits
    }

    /// An address without brackets or port, as `ngrep` writes it.
    mutating func write(_ ip: IPAddress) {
        if ip.family == .v4 {
            self.write(number: Int(ip.low >> 24 & 255))
            self.write(byte: ASCII.dot)
            self.write(number: Int(ip.low >> 16 & 255))
            self.write(byte: ASCII.dot)
            self.write(number: Int(ip.low >> 8 & 255))
            self.write(byte: ASCII.dot)
            self.write(number: Int(ip.low & 255))
        } else {
            self.write(ip.description)
        }
    }

    /// `192.0.2.1:5060`, `[2001:db8::1]:5060`.
    mutating func write(_ address: SocketAddress) {
        if address.ip.family == .v6 { self.write(byte: ASCII.openBracket) }
        self.write(address.ip)
        if address.ip.family == .v6 { self.write(byte: ASCII.closeBracket) }
        self.write(byte: ASCII.colon)
        self.write(number: Int(address.port))
    }

    private mutating func makeRoom(_ count: Int) {
        if self.filled &+ count > self.bytes.count { self.flush() }
    }

    /// Hands everything to the system.
    mutating func flush() {
        var written = 0
        while written < self.filled, self.failure == 0 {
            let (from, count, descriptor) = (written, self.filled - written, self.descriptor)
            let got = self.bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + from }, count) }
            if got > 0 {
                written += got
            } else if got < 0, errno == EAGAIN {
                var ready = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1000)
            } else if got < 0, errno != EINTR {
                self.failure = errno
            }
        }
        self.filled = 0
    }
}
