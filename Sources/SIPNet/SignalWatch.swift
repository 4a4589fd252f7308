import CSockets
import Glibc

/// Turns signals into something to read, so that a loop sees them between two messages and never in the middle of one.
///
/// The handler writes to a pipe; this works whichever thread the signal meets, and leaves the signal mask (which children
/// inherit) alone. One watch at a time in a process: a second one takes over.
public final class SignalWatch {
    /// Readable when a signal has come: for `EventLoop.add`.
    public let descriptor: Int32
    private let writeEnd: Int32
    private let numbers: [Int32]

    /// - Parameter numbers: SIGINT, SIGTERM, SIGHUP, SIGUSR1 ...
    public init(_ numbers: [Int32]) throws(SocketError) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) { pipe($0.assumingMemoryBound(to: Int32.self).baseAddress!) }
        guard result == 0 else { throw SocketError("open a pipe", code: errno) }
        for end in [ends.0, ends.1] {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        self.descriptor = ends.0
        self.writeEnd = ends.1
        self.numbers = numbers
        for number in numbers {
            try SocketError.check(csockets_watch_signal(number, ends.1), "watch signal \(number)")
        }
    }

    deinit {
        for number in self.numbers { _ = csockets_watch_signal(number, -1) }
        close(self.descriptor)
        close(self.writeEnd)
    }

    /// The next signal that has come, or `nil`.
    public func next() -> Int32? {
        var byte: UInt8 = 0
        return read(self.descriptor, &byte, 1) == 1 ? Int32(byte) : nil
    }
}
