import Glibc
import Synchronization

/// A file of TLS secrets, for Wireshark and sipgrep: one line a secret (RFC 9850).
///
/// Only its owner can read it. Connections of all threads write whole lines into one descriptor.
final class KeyLog: Sendable {
    private static let open = Mutex<[String: KeyLog]>([:])
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// The same log for the same file.
    static func shared(_ file: String) throws(TLSSettingsError) -> KeyLog {
        let result: Result<KeyLog, TLSSettingsError> = Self.open.withLock { open in
            if let known = open[file] { return .success(known) }
            let descriptor = Glibc.open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                return .failure(
                    TLSSettingsError(description: "cannot write TLS secrets to \(file): \(SocketError.text(of: errno))")
                )
            }
            let log = KeyLog(descriptor: descriptor)
            open[file] = log
            return .success(log)
        }
        return try result.get()
    }

    func append(_ line: some Collection<UInt8>) {
        let bytes = Array(line)
        _ = bytes.withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
    }
}
