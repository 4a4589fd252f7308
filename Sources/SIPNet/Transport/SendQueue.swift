import CSockets
import Glibc
import SIPKit

/// Datagrams that wait to be handed to the kernel together.
///
/// Bounded: `capacity` datagrams, `copySpace` bytes of copies; what does not fit is dropped and counted. Everything lies
/// behind pointers that never change, so the hot path meets no exclusivity check, no reference count and no allocation.
final class SendQueue {
    struct State {
        var count = 0
        /// Which of the two copy spaces is in use, and how far.
        var space = 0
        var spaceUsed = 0
        var failureStart = 0
        var failureCount = 0
        var isBlocked = false
        var statistics = UDPStatistics()
    }

    private static let failureCapacity = 64

    private let descriptor: Int32
    private let capacity: Int
    private let copySpace: Int
    private let retriesSoftErrors: Bool
    private let sender: OpaquePointer
    private let entries: UnsafeMutablePointer<csockets_outgoing>
    private let spaces: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)
    private let failures: UnsafeMutablePointer<DeliveryError>
    let state: UnsafeMutablePointer<State>

    /// - Parameter retriesSoftErrors: whether the socket asks for ICMP errors. The kernel then answers a send with the
    ///   error of an *earlier* datagram, maybe to somebody else, and has not sent; so it is tried again.
    init(
        descriptor: Int32, family: IPAddress.Family, capacity: Int, copySpace: Int, retriesSoftErrors: Bool
    ) throws(SocketError) {
        guard let sender = csockets_sender_create(family.rawValue) else {
            throw SocketError("allocate a send queue", code: ENOMEM)
        }
        self.sender = sender
        self.descriptor = descriptor
        self.capacity = Swift.max(1, capacity)
        self.copySpace = Swift.max(65_535, copySpace)
        self.retriesSoftErrors = retriesSoftErrors
        self.entries = .allocate(capacity: self.capacity)
        self.spaces = (.allocate(capacity: self.copySpace), .allocate(capacity: self.copySpace))
        self.failures = .allocate(capacity: Self.failureCapacity)
        self.state = .allocate(capacity: 1)
        self.state.initialize(to: State())
    }

    deinit {
        csockets_sender_destroy(self.sender)
        self.entries.deallocate()
        self.spaces.0.deallocate()
        self.spaces.1.deallocate()
        self.failures.deallocate()
        self.state.deallocate()
    }

    // MARK: Filling

    @inline(__always)
    func append(
        borrowing bytes: UnsafeBufferPointer<UInt8>, _ destination: csockets_address, _ source: csockets_address
    ) {
        if self.state.pointee.count == self.capacity {
            self.flush()
            guard self.state.pointee.count < self.capacity else {
                self.state.pointee.statistics.dropped += 1
                return
            }
        }
        self.append(bytes.baseAddress, bytes.count, owned: 0, destination, source)
    }

    func append(copying bytes: UnsafeBufferPointer<UInt8>, _ destination: csockets_address, _ source: csockets_address)
    {
        if self.state.pointee.count == self.capacity || self.state.pointee.spaceUsed + bytes.count > self.copySpace {
            self.flush()
        }
        guard self.state.pointee.count < self.capacity,
            let copy = self.copy(bytes.baseAddress, bytes.count, into: self.state.pointee.space)
        else {
            self.state.pointee.statistics.dropped += 1
            return
        }
        self.append(copy, bytes.count, owned: 1, destination, source)
    }

    private func append(
        _ bytes: UnsafePointer<UInt8>?, _ count: Int, owned: UInt32, _ destination: csockets_address,
        _ source: csockets_address
    ) {
        (self.entries + self.state.pointee.count).initialize(
            to: csockets_outgoing(
                bytes: bytes, count: UInt32(clamping: count), owned: owned, destination: destination, source: source))
        self.state.pointee.count += 1
    }

    private func copy(_ bytes: UnsafePointer<UInt8>?, _ count: Int, into space: Int) -> UnsafePointer<UInt8>? {
        guard self.state.pointee.spaceUsed + count <= self.copySpace else { return nil }
        let place = (space == 0 ? self.spaces.0 : self.spaces.1) + self.state.pointee.spaceUsed
        if let bytes { place.update(from: bytes, count: count) }
        self.state.pointee.spaceUsed += count
        return UnsafePointer(place)
    }

    // MARK: Flushing

    /// Hands everything to the kernel; what it does not take now is copied, so that afterwards the queue borrows nothing.
    func flush() {
        var first = 0
        var attempts = 0
        let count = self.state.pointee.count
        while first < count {
            let sent = csockets_send(
                self.sender, self.descriptor, self.entries + first,
                UInt32(truncatingIfNeeded: Swift.min(count - first, 64)))
            if sent > 0 {
                first += Int(sent)
                attempts = 0
                self.state.pointee.statistics.sent += UInt64(sent)
                continue
            }
            if -sent == EINTR { continue }
            if -sent == EAGAIN { break }
            attempts += 1
            if self.retriesSoftErrors, attempts < 4 { continue }
            self.fail(self.entries[first].destination, code: -sent)
            first += 1
            attempts = 0
        }
        if first == count {
            self.state.pointee.count = 0
            self.state.pointee.spaceUsed = 0
            self.state.pointee.isBlocked = false
        } else {
            self.keep(from: first)
        }
    }

    private func keep(from first: Int) {
        let space = 1 - self.state.pointee.space
        let count = self.state.pointee.count
        var kept = 0
        self.state.pointee.spaceUsed = 0
        for at in first..<count {
            var entry = self.entries[at]
            guard let copy = self.copy(entry.bytes, Int(entry.count), into: space) else {
                self.state.pointee.statistics.dropped += 1
                continue
            }
            entry.bytes = copy
            entry.owned = 1
            self.entries[kept] = entry
            kept += 1
        }
        self.state.pointee.space = space
        self.state.pointee.count = kept
        self.state.pointee.isBlocked = true
    }

    // MARK: Failures

    private func fail(_ destination: csockets_address, code: Int32) {
        self.state.pointee.statistics.failed += 1
        self.remember(
            DeliveryError(
                destination: SocketAddress(destination) ?? SocketAddress(.anyV4, 0), code: code, reporter: nil))
    }

    /// Keeps an error for ``nextFailure()``.
    func remember(_ error: DeliveryError) {
        // The oldest makes room: they are for a log and for failover, where the last ones matter.
        if self.state.pointee.failureCount == Self.failureCapacity { _ = self.nextFailure() }
        let at = (self.state.pointee.failureStart + self.state.pointee.failureCount) % Self.failureCapacity
        (self.failures + at).initialize(to: error)
        self.state.pointee.failureCount += 1
    }

    func nextFailure() -> DeliveryError? {
        guard self.state.pointee.failureCount > 0 else { return nil }
        let failure = self.failures[self.state.pointee.failureStart]
        self.state.pointee.failureStart = (self.state.pointee.failureStart + 1) % Self.failureCapacity
        self.state.pointee.failureCount -= 1
        return failure
    }
}
