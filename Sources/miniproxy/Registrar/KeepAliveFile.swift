import Foundation
import SIPKit

/// The file that remembers over a restart whose NAT is kept open by `nat_keepalive()` (`keepalive_state_file`).
struct KeepAliveFile {
    let path: String
    let book: KeepAliveBook
    let log: ProxyLog

    /// Reads what an earlier process has left; no file is no fault.
    func load(_ now: MonotonicTime, wall: Int64) {
        guard let text = try? String(contentsOfFile: self.path, encoding: .utf8) else { return }
        let count = self.book.load(text.split(separator: "\n"), now, wall: wall)
        self.log(2, "\(self.path): the NATs of \(count) phones are kept open further")
    }

    /// Writes who is kept, for the next process.
    func save(_ now: MonotonicTime, wall: Int64) {
        let text = self.book.lines(now, wall: wall).map { "\($0)\n" }.joined()
        do {
            try text.write(toFile: self.path, atomically: true, encoding: .utf8)
        } catch {
            self.log(-1, "\(self.path): who is kept open cannot be written: \(error.localizedDescription)")
        }
    }
}
