import Glibc
import SIPTrace

/// Standard input, looked at before it is read: a pipe gives its bytes only once.
enum StandardInput {
    /// The first bytes. Of a file they stay where they are; of a pipe they have been taken (``isPipe``).
    static func head() -> (bytes: [UInt8], isPipe: Bool) {
        let peeked = InputFormat.peek(STDIN_FILENO)
        if !peeked.isEmpty { return (peeked, false) }
        let isPipe = lseek(STDIN_FILENO, 0, SEEK_CUR) < 0
        guard isPipe else { return ([], false) }
        var head: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        // Enough for every magic number. Of a text as much as it takes to see what it is: there is nothing to tell before.
        while head.count < 8
            || InputFormat.recognise(head) == .text && head.count < InputFormat.peekSize
                && TextFormat.recognise(Array(head[..<(head.lastIndex(of: 0x0A) ?? 0)])) == nil
        {
            let got = read(STDIN_FILENO, &chunk, chunk.count)
            if got < 0, errno == EINTR, !Interruption.isAsked { continue }
            if got <= 0 { break }
            head += chunk[..<got]
        }
        return (head, true)
    }

    /// Puts the bytes back: from now on standard input is a pipe that begins with them. For readers that open it
    /// themselves; a thread copies the rest.
    static func putBack(_ head: [UInt8]) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return }
        let original = dup(STDIN_FILENO)
        // A child that unpacks must not hold the writing end, or it would never see the end of its input.
        for end in ends + [original] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        dup2(ends[0], STDIN_FILENO)
        close(ends[0])
        let work = Copying(head: head, from: original, to: ends[1])
        var thread = pthread_t()
        let box = Unmanaged.passRetained(work)
        let failed = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Copying>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        if failed != 0 { box.release() } else { pthread_detach(thread) }
    }

    /// Makes what a packed standard input holds the standard input.
    static func unpack(_ kind: InputFormat) throws(TextSourceError) {
        let descriptor = try CompressedSource.descriptor("-", kind)
        dup2(descriptor, STDIN_FILENO)
        close(descriptor)
    }

    private final class Copying: Sendable {
        let head: [UInt8]
        let from: Int32
        let to: Int32

        init(head: [UInt8], from: Int32, to: Int32) {
            self.head = head
            self.from = from
            self.to = to
        }

        func run() {
            signal(SIGPIPE, SIG_IGN)
            defer {
                close(self.from)
                close(self.to)
            }
            guard self.write(self.head, self.head.count) else { return }
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let got = read(self.from, &chunk, chunk.count)
                if got < 0, errno == EINTR { continue }
                guard got > 0, self.write(chunk, got) else { return }
            }
        }

        private func write(_ bytes: [UInt8], _ count: Int) -> Bool {
            var sent = 0
            while sent < count {
                let wrote = bytes.withUnsafeBytes {
                    Glibc.write(self.to, $0.baseAddress.map { $0 + sent }, count - sent)
                }
                if wrote < 0, errno == EINTR { continue }
                guard wrote > 0 else { return false }
                sent += wrote
            }
            return true
        }
    }
}
