import Glibc
import SIPKit

/// SER's command FIFO: `:COMMAND:REPLYFILE`, a line for each argument, an empty line (CONTROL.md §2).
struct CommandFIFO: Sendable {
    struct Command: Sendable, Equatable {
        var name: String
        /// A plain name in the folder of replies; empty where none is wanted.
        var replyFile: String
        var words: [String]
    }

    let descriptor: Int32
    private let path: String
    private let folder: String
    private var input: [UInt8] = []

    /// More than this without an end is no command.
    private static let limit = 65_536

    /// - Throws: ``SystemFailure``: something else has the path, or the folder is not ours to write.
    init(_ path: String, folder: String, mode: UInt32) throws(SystemFailure) {
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFIFO else {
                throw SystemFailure("\(path): is there already and no FIFO")
            }
            guard unlink(path) == 0 else { throw SystemFailure(path, code: errno) }
        }
        guard mkfifo(path, mode) == 0, chmod(path, mode) == 0 else { throw SystemFailure(path, code: errno) }
        // Open for writing too, so that it does not end when a writer does.
        self.descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard self.descriptor >= 0 else { throw SystemFailure(path, code: errno) }
        self.path = path
        self.folder = folder
    }

    /// The commands that are complete now.
    mutating func read() -> [Command] {
        var memory = [UInt8](repeating: 0, count: 65_536)
        let count = memory.withUnsafeMutableBytes { Glibc.read(self.descriptor, $0.baseAddress, $0.count) }
        if count > 0 { self.input += memory[..<count] }
        let commands = Self.commands(&self.input)
        if self.input.count > Self.limit { self.input.removeAll() }
        return commands
    }

    /// Takes complete commands out of the text; lines before a `:` are nobody's and go.
    static func commands(_ text: inout [UInt8]) -> [Command] {
        var commands: [Command] = []
        while true {
            while let first = text.first, first != ASCII.colon {
                guard let end = text.firstIndex(of: ASCII.lf) else { return commands }
                text.removeFirst(end + 1)
            }
            var lines: [[UInt8]] = []
            var at = text.startIndex
            var isComplete = false
            while let end = text[at...].firstIndex(of: ASCII.lf) {
                var line = Array(text[at..<end])
                if line.last == ASCII.cr { line.removeLast() }
                at = end + 1
                if line.isEmpty {
                    isComplete = true
                    break
                }
                lines.append(line)
            }
            guard isComplete, let head = lines.first else { return commands }
            text.removeFirst(at)
            let parts = String(decoding: head.dropFirst(), as: UTF8.self).split(
                separator: ":", omittingEmptySubsequences: false)
            commands.append(
                Command(
                    name: String(parts[0]), replyFile: parts.count > 1 ? String(parts[1]) : "",
                    words: lines.dropFirst().map { String(decoding: $0, as: UTF8.self) }))
        }
    }

    /// Writes the answer into the reply FIFO that the client has made. A name with a path in it, a link, or a file that is
    /// no FIFO is not written to: the client chooses the name, and we may be root.
    func reply(_ command: Command, _ answer: String) {
        let name = command.replyFile
        guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/"), !name.contains("\\"), name.utf8.count < 256
        else { return }
        let path = "\(self.folder)/\(name)"
        var descriptor: Int32 = -1
        // The client opens its end before or just after it writes the command.
        for _ in 0..<20 {
            descriptor = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
            if descriptor >= 0 || errno != ENXIO { break }
            usleep(5_000)
        }
        guard descriptor >= 0 else { return }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
        var rest = Array(answer.utf8)[...]
        var patience = 200
        while !rest.isEmpty, patience > 0 {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN || errno == EINTR {
                patience -= 1
                usleep(5_000)
            } else {
                return
            }
        }
    }

    func close() {
        Glibc.close(self.descriptor)
        unlink(self.path)
    }
}
