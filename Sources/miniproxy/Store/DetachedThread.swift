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
        let body = Unmanaged.passRetained(Body(work)).toOpaque()
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
        pthread_setname_np(thread, String(name.prefix(15)))
        pthread_detach(thread)
        return true
    }
}
