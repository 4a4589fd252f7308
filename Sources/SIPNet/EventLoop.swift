import CSockets
import Glibc
import SIPKit

/// Waits for descriptors: epoll, and an eventfd through which other threads end the waiting.
///
/// What a descriptor means is the owner's: it gives a token and gets it back. Timers are the owner's too; it waits until
/// `TimerWheel.nextDeadline`. A loop belongs to one thread; only its `waker` may be used from others.
public final class EventLoop {
    /// What happened to one descriptor.
    public struct Event {
        public let token: UInt64
        let flags: UInt32

        public var isReadable: Bool { self.flags & EPOLLIN.rawValue != 0 }
        public var isWritable: Bool { self.flags & EPOLLOUT.rawValue != 0 }
        /// An error waits to be read, or the other side has gone.
        public var isFailed: Bool { self.flags & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 }
    }

    /// What one `wait` brought: walk it by index. Valid until the next one.
    public struct Events {
        let events: UnsafeMutablePointer<epoll_event>
        public let count: Int
        /// Whether the loop's ``EventLoop/waker`` was used: other threads have left something.
        public let wereWoken: Bool

        public subscript(index: Int) -> Event {
            precondition(index >= 0 && index < self.count, "events are walked from 0 to their count")
            return Event(token: self.events[index].data.u64, flags: self.events[index].events)
        }
    }

    /// The token under which the loop tells that it was woken. No descriptor may have it.
    public static let wakeToken = UInt64.max

    /// Ends the waiting from any thread.
    public let waker: Waker

    private static let capacity = 64
    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    public init() throws(SocketError) {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SocketError("open an event queue", code: errno) }
        do throws(SocketError) {
            self.waker = try Waker()
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.events = .allocate(capacity: Self.capacity)
        try self.add(self.waker.descriptor, token: Self.wakeToken)
    }

    deinit {
        close(self.descriptor)
        self.events.deallocate()
    }

    // MARK: Descriptors

    /// Tells from now on when the descriptor is readable (and writable, if asked for), for as long as it is.
    public func add(_ descriptor: Int32, token: UInt64, writable: Bool = false) throws(SocketError) {
        try self.control(EPOLL_CTL_ADD, descriptor, token, writable: writable, "watch a descriptor")
    }

    /// Asks for writability, or no longer.
    public func change(_ descriptor: Int32, token: UInt64, writable: Bool) throws(SocketError) {
        try self.control(EPOLL_CTL_MOD, descriptor, token, writable: writable, "watch a descriptor")
    }

    /// To be called before the descriptor is closed.
    public func remove(_ descriptor: Int32) throws(SocketError) {
        try self.control(EPOLL_CTL_DEL, descriptor, 0, writable: false, "stop watching a descriptor")
    }

    private func control(
        _ operation: Int32, _ descriptor: Int32, _ token: UInt64, writable: Bool, _ action: String
    ) throws(SocketError) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (writable ? EPOLLOUT.rawValue : 0)
        event.data.u64 = token
        guard epoll_ctl(self.descriptor, operation, descriptor, &event) == 0 else {
            throw SocketError(action, code: errno)
        }
    }

    // MARK: Waiting

    /// Waits until something happens, or until `deadline`, rounded up to a millisecond; `nil` waits without end, a
    /// deadline that has passed only looks. A signal ends the waiting with no events.
    public func wait(until deadline: MonotonicTime?, now: MonotonicTime) -> Events {
        var timeout: Int32 = -1
        if let deadline {
            let nanoseconds = Swift.max(0, deadline.nanoseconds(since: now))
            timeout = Int32(clamping: nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0))
        }
        let count = epoll_wait(self.descriptor, self.events, Int32(Self.capacity), timeout)
        var wereWoken = false
        for at in 0..<Swift.max(0, Int(count)) where self.events[at].data.u64 == Self.wakeToken {
            self.waker.clear()
            wereWoken = true
        }
        return Events(events: self.events, count: Swift.max(0, Int(count)), wereWoken: wereWoken)
    }
}
