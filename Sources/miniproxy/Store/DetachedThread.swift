import Glibc

/// A thread of the system that runs a closure and ends by itself.
enum DetachedThread {
    private final class Body: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    /// - Parameter name: for `ps` and debuggers; at most 15 bytes.
    /// - Returns: `false` when the system gives no thread.
    static func start(_ name: String, _ work: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        let named: @Sendable () -> Void = {
            Self.name(String(name.prefix(15)))
            work()
        }
        let body = Unmanaged.passRetained(Body(named)).toOpaque()
        let failed = pthread_create(
            &thread, nil,
            { body in
                guard let body else { return nil }
                Unmanaged<Body>.fromOpaque(body).takeRetainedValue().work()
                return nil
            }, body)
        guard failed == 0 else {
            Unmanaged<Body>.fromOpaque(body).release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// The system's number of the calling thread, as `top -H` shows it. `/proc/thread-self` is a link `PID/task/NUMBER`.
    static func number() -> Int32 {
        var text = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/thread-self", &text, text.count)
        guard count > 0 else { return getpid() }
        let digits = text[..<count].map { UInt8(bitPattern: $0) }.split(separator: UInt8(ascii: "/")).last ?? []
        return Int32(String(decoding: digits, as: UTF8.self)) ?? getpid()
    }

    /// Gives the calling thread a name.
    private static func name(_ name: String) {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = Array(name.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }
}
