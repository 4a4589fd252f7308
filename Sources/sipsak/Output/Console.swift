import Glibc
import SIPKit

/// Where results and complaints go. Nothing below a mode writes anywhere else, so a test sees every byte.
protocol Console: AnyObject {
    /// Results: standard output.
    func out(_ bytes: [UInt8])
    /// Complaints: standard error.
    func err(_ bytes: [UInt8])
    /// What a peer sent must not reach a terminal raw; into pipes it goes as it came.
    var escapesOutput: Bool { get }
    var escapesErrors: Bool { get }
    /// Makes everything visible: before waiting, and at the end.
    func flush()
}

extension Console {
    func out(_ text: String) { self.out(Array(text.utf8)) }
    func err(_ text: String) { self.err(Array(text.utf8)) }

    /// A peer's message on standard output.
    func out(message bytes: [UInt8]) { self.out(self.escapesOutput ? Self.harmless(bytes) : bytes) }
    /// A peer's message on standard error.
    func err(message bytes: [UInt8]) { self.err(self.escapesErrors ? Self.harmless(bytes) : bytes) }
    /// One line or less that a peer wrote, inside a line of ours: never raw, also not in pipes, where it could forge lines.
    func line(_ bytes: some Sequence<UInt8>) -> String { Printable.text(bytes) }

    func warn(_ text: String) { self.err("warning: \(text)\n") }
    func fail(_ text: String) { self.err("error: \(text)\n") }

    /// Control bytes as `\xHH`, line ends kept.
    static func harmless(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for line in bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false) {
            if line.startIndex > 0 { output.append(ASCII.lf) }
            let hasReturn = line.last == ASCII.cr
            let content = hasReturn ? line.dropLast() : line
            for piece in content.split(separator: ASCII.tab, omittingEmptySubsequences: false) {
                if piece.startIndex > content.startIndex { output.append(ASCII.tab) }
                output += Array(Printable.text(piece).utf8)
            }
            if hasReturn { output.append(ASCII.cr) }
        }
        return output
    }
}

/// The process's own standard output and standard error.
final class StandardConsole: Console {
    let escapesOutput = isatty(STDOUT_FILENO) == 1
    let escapesErrors = isatty(STDERR_FILENO) == 1
    private var pending: [UInt8] = []

    func out(_ bytes: [UInt8]) {
        self.pending += bytes
        if self.pending.count > 16_384 { self.flush() }
    }

    func err(_ bytes: [UInt8]) {
        self.flush()
        Self.write(bytes, to: STDERR_FILENO)
    }

    func flush() {
        Self.write(self.pending, to: STDOUT_FILENO)
        self.pending.removeAll(keepingCapacity: true)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                // A reader that has gone (`| head`) is no reason to stop the work.
                guard written > 0 else { return }
                rest = rest.dropFirst(written)
            }
        }
    }
}
