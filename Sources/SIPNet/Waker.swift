import CSockets
import Glibc

/// Ends an event loop's waiting, from any thread. Several calls before the loop looks are one.
public final class Waker: Sendable {
    let descriptor: Int32

    init() throws(SocketError) {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SocketError("open an eventfd", code: errno) }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    public func wake() { eventfd_write(self.descriptor, 1) }

    func clear() {
        var value: eventfd_t = 0
        eventfd_read(self.descriptor, &value)
    }
}
