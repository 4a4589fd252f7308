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

    /// Waits for the bell or for Ctrl-C.
    ///
    /// - Returns: whether Ctrl-C came.
    func wait(nanoseconds: Int64, or interrupts: SignalWatch?) -> Bool {
        var descriptors = [pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)]
        if let watch = interrupts {
            descriptors.append(pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0))
        }
        let milliseconds = Swift.min((nanoseconds + 999_999) / 1_000_000, 3_600_000)
        let result = poll(&descriptors, nfds_t(descriptors.count), Int32(milliseconds))
        if result > 0, descriptors[0].revents != 0 { self.clear() }
        guard result > 0, descriptors.count == 2, descriptors[1].revents != 0 else { return false }
        return interrupts?.next() != nil
    }
}
