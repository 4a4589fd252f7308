import Glibc
import SIPKit
import SIPTrace

/// Packed inputs: the system's own programs unpack them into a pipe (`gzip -dc`, `zstd -dc`, `xz -dc`, `bzip2 -dc`).
///
/// They run beside us on another core, and every machine that has such logs has the program.
enum CompressedSource {
    static func open(_ path: String, _ kind: InputFormat? = nil) throws(TextSourceError) -> TextSource {
        TextSource(descriptor: try Self.descriptor(path, kind), closing: true)
    }

    /// The reading end of a pipe that the unpacked bytes come out of.
    static func descriptor(_ path: String, _ kind: InputFormat? = nil) throws(TextSourceError) -> Int32 {
        let kind = kind ?? Self.kind(of: path)
        let program =
            switch kind {
            case .zstd: "zstd"
            case .xz: "xz"
            case .bzip2: "bzip2"
            default: "gzip"
            }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TextSourceError(path: path, reason: String(cString: strerror(errno))) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        if path != "-" { posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDONLY, 0) }
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("-dc"), nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let status = posix_spawnp(&child, program, &actions, nil, &arguments, environ)
        close(ends[1])
        guard status == 0 else {
            close(ends[0])
            throw TextSourceError(
                path: path, reason: "needs the program \(program): \(String(cString: strerror(status)))")
        }
        return ends[0]
    }

    /// The first unpacked bytes, to see what is inside.
    static func head(_ path: String, _ count: Int = 16) throws(TextSourceError) -> [UInt8] {
        let source = try Self.open(path)
        var head: [UInt8] = []
        while head.count < count {
            let more = source.head(count - head.count)
            if more.isEmpty { break }
            head += more
        }
        return head
    }

    private static func kind(of path: String) -> InputFormat {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .gzip }
        defer { close(descriptor) }
        return InputFormat.recognise(InputFormat.peek(descriptor))
    }
}
