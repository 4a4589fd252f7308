import Glibc
import SIPKit

/// Does what users' scripts want done beside the call: `log` writes a line into a file of the user's own, `mail` sends one.
///
/// A thread of its own does it, so that no call waits for a disk or for a program. What comes faster than it goes is given
/// up, and the log says so.
final class CPLNoteWriter: Sendable {
    enum Note: Sendable, Equatable {
        case line(file: String, text: [UInt8])
        case mail([UInt8])
    }
    /// How many notes may wait.
    static let limit = 1_000
    /// How long the program may take for one mail, in seconds.
    static let patience = 30

    private let folder: String
    private let command: [String]
    private let log: ProxyLog
    private let queue = WorkQueue<Note>(limit: CPLNoteWriter.limit)

    /// - Parameters:
    ///   - folder: of the files (`log_dir`); empty for none.
    ///   - command: what takes a mail from its standard input, with its arguments; empty for none.
    init(folder: String, command: String, log: ProxyLog) {
        self.folder = folder
        self.command = command.split(separator: " ").map(String.init)
        self.log = log
    }

    var writesLines: Bool { !self.folder.isEmpty }
    var sendsMail: Bool { !self.command.isEmpty }

    func start() {
        if !DetachedThread.start("cpl notes", { self.run() }) {
            self.log(-1, "cpl: the system gives no thread; log and mail nodes are not carried out")
        }
    }

    func put(_ note: Note) {
        if !self.queue.put(note) { self.log(1, "cpl: \(Self.limit) notes wait already; one is given up") }
    }

    private func run() {
        while true {
            for note in self.queue.take(most: 10) {
                switch note {
                case .line(let file, let text): self.write(text, to: "\(self.folder)/\(file)")
                case .mail(let text): self.send(text)
                }
            }
        }
    }

    // MARK: Files

    private func write(_ text: [UInt8], to path: String) {
        let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return self.failed(path) }
        defer { close(descriptor) }
        let count = text.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count != text.count { self.failed(path) }
    }

    private func failed(_ path: String) {
        self.log(-1, "cpl: \(path): \(String(cString: strerror(errno))); a line of a log node is lost")
    }

    /// The file of a user: no name of a user leads out of the folder.
    static func file(of user: [UInt8]) -> String {
        var name = ""
        for byte in user.prefix(120) {
            let isPlain = ASCII.isAlphanumeric(byte) || "@-_".utf8.contains(byte) || byte == ASCII.dot && !name.isEmpty
            if isPlain {
                name.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                name +=
                    "%"
                    + [ASCII.hexDigit(byte >> 4), ASCII.hexDigit(byte & 15)].map { String(Unicode.Scalar($0)) }.joined()
            }
        }
        return name + ".log"
    }

    // MARK: Mail

    /// Gives a mail to the program, and waits for its end.
    private func send(_ text: [UInt8]) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return self.log(-1, "cpl: no mail: \(String(cString: strerror(errno)))")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
        // The proxy takes signals as events, so its threads have them blocked; the program wants them.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = self.command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let status = posix_spawnp(&child, self.command[0], &actions, &attributes, &arguments, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard status == 0 else {
            return self.log(-1, "cpl: no mail: \(self.command[0]): \(String(cString: strerror(status)))")
        }
        var wait = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var sent = 0
        while sent < text.count {
            let count = text.withUnsafeBytes {
                Glibc.send(ends[0], $0.baseAddress.map { $0 + sent }, text.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        shutdown(ends[0], Int32(SHUT_WR))
        var ending: Int32 = 0
        for _ in 0..<(Self.patience * 10) {
            if waitpid(child, &ending, WNOHANG) == child {
                if ending != 0 { self.log(-1, "cpl: no mail: \(self.command[0]) ended with \(ending >> 8 & 255)") }
                return
            }
            usleep(100_000)
        }
        self.log(-1, "cpl: no mail: \(self.command[0]) has not ended in \(Self.patience) s and is stopped")
        kill(child, SIGKILL)
        waitpid(child, &ending, 0)
    }
}

/// A mail that a `mail` node sends (RFC 3880 §8.1, RFC 6068).
struct CPLMail {
    /// - Parameters:
    ///   - url: `mailto:bob@example.org?subject=…&body=…`; other header fields in it are not taken, nor is a recipient who is
    ///     no address.
    ///   - call: lines about the call: for the body where the URL has none, and the first one for a subject.
    /// - Returns: the whole mail; `nil` where nobody gets it.
    static func text(_ url: String, user: String, call: [String]) -> [UInt8]? {
        guard let colon = url.firstIndex(of: ":") else { return nil }
        let rest = url[url.index(after: colon)...]
        let mark = rest.firstIndex(of: "?") ?? rest.endIndex
        let recipients = rest[..<mark].split(separator: ",").map { Self.plain($0) }.filter {
            $0.contains("@") && !$0.contains(" ")
        }
        guard !recipients.isEmpty else { return nil }
        var subject = call.first ?? "A call"
        var body = call
        for field in rest[mark...].dropFirst().split(separator: "&") {
            guard let equals = field.firstIndex(of: "=") else { continue }
            let value = field[field.index(after: equals)...]
            switch field[..<equals].lowercased() {
            case "subject": subject = Self.plain(value)
            case "body":
                body = Self.decoded(value).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
                    .map { Self.line(String($0)) }
            default: break
            }
        }
        let lines =
            [
                "To: \(recipients.joined(separator: ", "))", "Subject: \(Self.line(subject))",
                "Auto-Submitted: auto-generated",
                "X-CPL-User: \(Self.line(user))", "Content-Type: text/plain; charset=utf-8", "",
            ] + body
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private static func decoded(_ text: Substring) -> String {
        String(decoding: SIPURI.unescape(Array(text.utf8)), as: UTF8.self)
    }
    /// One line, whatever was escaped in it.
    private static func plain(_ text: Substring) -> String { Self.line(Self.decoded(text)) }
    private static func line(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.map { Character($0) })
    }
}
