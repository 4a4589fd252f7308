import Glibc
import SIPKit
import SIPNet
import Synchronization

/// Finds the addresses of host names beside the loop: a thread of its own waits for the system's resolver.
///
/// For names in scripts (`src_ip==backup.example.org`). The loop asks, goes on, is woken, and takes the answers.
final class NameLookup: Sendable {
    private struct State {
        var asked: [(number: UInt32, host: [UInt8])] = []
        var answered: [(number: UInt32, answer: Answer)] = []
        var isRunning = false
    }

    /// More questions than this at a time are answered with "failed".
    private static let limit = 1_000
    private let state = Mutex(State())
    private let waker: Waker

    init(waker: Waker) { self.waker = waker }

    /// Asks for the addresses of a host.
    ///
    /// - Returns: `false` when too much is being asked already.
    func ask(_ number: UInt32, _ host: [UInt8]) -> Bool {
        let (isTaken, starts) = self.state.withLock { state -> (Bool, Bool) in
            guard state.asked.count < Self.limit else { return (false, false) }
            state.asked.append((number, host))
            defer { state.isRunning = true }
            return (true, !state.isRunning)
        }
        if starts { self.start() }
        return isTaken
    }

    /// The answers that have come since the last call.
    func takeAnswers() -> [(number: UInt32, answer: Answer)] {
        self.state.withLock { state in
            defer { state.answered.removeAll() }
            return state.answered
        }
    }

    private func start() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let failed = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<NameLookup>.fromOpaque(context!).takeRetainedValue().work()
                return nil
            }, context)
        if failed == 0 {
            pthread_detach(thread)
        } else {
            Unmanaged<NameLookup>.fromOpaque(context).release()
            self.state.withLock { $0.isRunning = false }
        }
    }

    /// Works until nothing is asked; the next question starts a new thread.
    private func work() {
        while true {
            let next = self.state.withLock { state -> (number: UInt32, host: [UInt8])? in
                guard !state.asked.isEmpty else {
                    state.isRunning = false
                    return nil
                }
                return state.asked.removeFirst()
            }
            guard let next else { return }
            let found = Self.addresses(of: next.host)
            self.state.withLock { $0.answered.append((next.number, found.isEmpty ? .failed : .addresses(found))) }
            self.waker.wake()
        }
    }

    /// What the system knows, from its files and its name servers.
    private static func addresses(of host: [UInt8]) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let name = host.map { CChar(bitPattern: $0) } + [0]
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var entry = list
        while let current = entry {
            if let address = current.pointee.ai_addr {
                switch Int32(address.pointee.sa_family) {
                case AF_INET:
                    address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        found.append(IPAddress(v4: UInt32(bigEndian: $0.pointee.sin_addr.s_addr)))
                    }
                case AF_INET6:
                    address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        withUnsafeBytes(of: $0.pointee.sin6_addr) { bytes in
                            found.append(
                                IPAddress(
                                    v6: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))))
                        }
                    }
                default: break
                }
            }
            entry = current.pointee.ai_next
        }
        return found
    }
}
