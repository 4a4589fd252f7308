import Glibc
import SIPNet

/// Wakes a waiting `poll` from another thread: a pipe.
final class PipeBell: Sendable {
    /// Readable when the bell was rung.
    let descriptor: Int32
    private let end: Int32

    init() throws(SocketError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SocketError("open a pipe", code: errno) }
        for descriptor in ends {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        self.descriptor = ends[0]
        self.end = ends[1]
    }

    deinit {
        close(self.descriptor)
        close(self.end)
    }

    func ring() {
        var byte: UInt8 = 1
        _ = write(self.end, &byte, 1)
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(self.descriptor, &bytes, bytes.count) == bytes.count {}
    }

    /// - Returns: whether it rang.
    func wait(nanoseconds: Int64) -> Bool {
        var watched = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        let rang = poll(&watched, 1, Int32(clamping: (nanoseconds + 999_999) / 1_000_000)) > 0
        if rang { self.clear() }
        return rang
    }
}
