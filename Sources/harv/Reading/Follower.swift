import Glibc

/// Copies a file that grows into a pipe, over renames (rotation) and truncation, until nobody reads any more.
final class Follower: @unchecked Sendable {
    private let path: String
    private let output: Int32
    private var worker: Worker?

    /// - Parameter output: the writing end of a pipe; closed when following ends.
    init(path: String, output: Int32, isStopped: @escaping @Sendable () -> Bool) {
        self.path = path
        self.output = output
        self.worker = Worker { [self] in self.run(isStopped) }
    }

    private func run(_ isStopped: () -> Bool) {
        signal(SIGPIPE, SIG_IGN)
        defer { close(self.output) }
        var (descriptor, inode, place) = (Int32(-1), ino_t(0), off_t(0))
        defer { if descriptor >= 0 { close(descriptor) } }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while !isStopped() {
            if descriptor < 0 {
                descriptor = open(self.path, O_RDONLY | O_CLOEXEC)
                var status = stat()
                if descriptor >= 0, fstat(descriptor, &status) == 0 { inode = status.st_ino }
                place = 0
            }
            let got = descriptor >= 0 ? read(descriptor, &chunk, chunk.count) : 0
            if got > 0 {
                place += off_t(got)
                guard self.write(chunk, got) else { return }
                continue
            }
            usleep(100_000)
            var status = stat()
            guard stat(self.path, &status) == 0 else { continue }
            // Another file has the name now, or this one was emptied: from its beginning.
            if status.st_ino != inode || status.st_size < place {
                if descriptor >= 0 { close(descriptor) }
                descriptor = -1
            }
        }
    }

    private func write(_ bytes: [UInt8], _ count: Int) -> Bool {
        var sent = 0
        while sent < count {
            let wrote = bytes.withUnsafeBytes {
                Glibc.write(self.output, $0.baseAddress.map { $0 + sent }, count - sent)
            }
            if wrote < 0, errno == EINTR { continue }
            guard wrote > 0 else { return false }
            sent += wrote
        }
        return true
    }

    func join() { self.worker?.join() }
}
