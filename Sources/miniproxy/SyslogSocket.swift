import Glibc
import SIPKit
import Synchronization

/// Lines to the system's log, in the form of RFC 3164: `<29>Nov 25 22:10:03 miniproxy[4711]: text`.
///
/// A datagram that the log does not take at once is lost and not waited for: a full log is no reason to stop calls.
final class SyslogSocket: Sendable {
    private let path: String
    private let facility: Int
    private let name: String
    private let descriptor: Mutex<Int32>

    /// `LOG_DAEMON` and its kin, as scripts name them.
    static let facilities: [String: Int] = [
        "LOG_KERN": 0, "LOG_USER": 1, "LOG_MAIL": 2, "LOG_DAEMON": 3, "LOG_AUTH": 4, "LOG_SYSLOG": 5, "LOG_LPR": 6,
        "LOG_NEWS": 7, "LOG_UUCP": 8, "LOG_CRON": 9, "LOG_AUTHPRIV": 10, "LOG_FTP": 11, "LOG_LOCAL0": 16,
        "LOG_LOCAL1": 17, "LOG_LOCAL2": 18, "LOG_LOCAL3": 19, "LOG_LOCAL4": 20, "LOG_LOCAL5": 21, "LOG_LOCAL6": 22,
        "LOG_LOCAL7": 23,
    ]

    /// - Returns: `nil` where nobody listens at the path.
    init?(path: String = "/dev/log", facility: Int = 3, name: String = "miniproxy") {
        self.path = path
        self.facility = facility
        self.name = name
        guard let descriptor = Self.connect(path) else { return nil }
        self.descriptor = Mutex(descriptor)
    }

    deinit { self.descriptor.withLock { _ = close($0) } }

    private static func connect(_ path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let isConnected = UnixAddress(path)?.with { Glibc.connect(descriptor, $0, $1) == 0 } ?? false
        guard isConnected else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// - Parameter level: SER's, −3 to 4.
    func write(_ level: Int, _ text: String) {
        let severity = level <= -3 ? 1 : level == -2 ? 2 : level <= 0 ? 3 : Swift.min(level + 3, 7)
        let line = Array("<\(self.facility * 8 + severity)>\(Self.time()) \(self.name)[\(getpid())]: \(text)".utf8)
        self.descriptor.withLock { descriptor in
            if Self.send(descriptor, line) { return }
            // The log was started anew: its socket is another one now.
            guard errno != EAGAIN, errno != EWOULDBLOCK, let other = Self.connect(self.path) else { return }
            close(descriptor)
            descriptor = other
            _ = Self.send(descriptor, line)
        }
    }

    private static func send(_ descriptor: Int32, _ line: [UInt8]) -> Bool {
        line.withUnsafeBytes {
            Glibc.send(
                descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) >= 0
        }
    }

    private static func time() -> String {
        var now = time_t()
        Glibc.time(&now)
        var parts = tm()
        localtime_r(&now, &parts)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32, _ fill: String) -> String { number < 10 ? "\(fill)\(number)" : "\(number)" }
        let month = months.indices.contains(Int(parts.tm_mon)) ? months[Int(parts.tm_mon)] : "Jan"
        return
            "\(month) \(two(parts.tm_mday, " ")) \(two(parts.tm_hour, "0")):\(two(parts.tm_min, "0")):\(two(parts.tm_sec, "0"))"
    }
}
