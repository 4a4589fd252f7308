import SIPKit
import SIPNet
import Synchronization

/// Phones whose NAT is kept open because a script has called `nat_keepalive()` (FUNCTIONS.md §14): as long as their
/// registration, subscription or call lasts, which begins with a 2xx.
final class KeepAliveBook: Sendable {
    struct Phone: Sendable, Hashable {
        var address: SocketAddress
        /// Where its request came in, and from where it hears of us.
        var socket: UInt16
    }
    private struct Wish {
        var phone: Phone
        var method: SIPMethod
        var seconds: Int64
        var end: MonotonicTime
    }
    private struct State {
        /// Requests that have no final answer yet, by Call-ID.
        var wishes: [[UInt8]: Wish] = [:]
        /// Why each phone is kept, and until when.
        var reasons: [Phone: [[UInt8]: MonotonicTime]] = [:]
        var phones: [[UInt8]: Phone] = [:]
        /// By tenths of a second: whose turn it is.
        var turns: [Int64: [Phone]] = [:]
        var scheduled: Set<Phone> = []
    }
    private static let limit = 100_000
    /// How long an answer is waited for, and how long a call may last that nobody says good-bye in.
    private static let patience: Int64 = 200
    private static let longestCall: Int64 = 43_200

    private let seconds: Int
    private let state = Mutex(State())

    init(seconds: Int) { self.seconds = seconds }

    var isEmpty: Bool { self.state.withLock { $0.reasons.isEmpty } }
    var count: Int { self.state.withLock { $0.reasons.count } }

    /// A request whose sender is to be kept reachable if it is accepted.
    func ask(_ callID: [UInt8], _ method: SIPMethod, _ phone: Phone, seconds: Int64, now: MonotonicTime) -> Bool {
        self.state.withLock { state in
            if state.wishes.count >= Self.limit { state.wishes = state.wishes.filter { $0.value.end > now } }
            guard state.wishes.count < Self.limit else { return false }
            state.wishes[callID] = Wish(
                phone: phone, method: method, seconds: seconds, end: now.adding(milliseconds: Self.patience * 1_000))
            return true
        }
    }

    /// A request with this Call-ID got a final answer.
    func answered(_ callID: [UInt8], _ method: SIPMethod, _ status: Int, now: MonotonicTime) {
        self.state.withLock { state in
            guard let wish = state.wishes[callID], wish.method == method else { return }
            state.wishes[callID] = nil
            guard (200..<300).contains(status) else { return }
            guard wish.seconds > 0 else { return Self.forget(callID, &state) }
            guard state.phones[callID] != nil || state.phones.count < Self.limit else { return }
            Self.forget(callID, &state, for: wish.phone)
            let seconds = method == .invite ? Self.longestCall : wish.seconds
            state.phones[callID] = wish.phone
            state.reasons[wish.phone, default: [:]][callID] = now.adding(milliseconds: seconds * 1_000)
            Self.schedule(wish.phone, now, within: self.seconds, spread: true, &state)
        }
    }

    /// A call has ended.
    func ended(_ callID: [UInt8]) { self.state.withLock { Self.forget(callID, &$0) } }

    // MARK: Over a restart

    /// Who is kept, a line each: Call-ID, address, socket, and the second since 1970 until when.
    func lines(_ now: MonotonicTime, wall: Int64) -> [String] {
        self.state.withLock { state in
            state.phones.compactMap { callID, phone in
                guard let end = state.reasons[phone]?[callID], end > now else { return nil }
                let name = callID.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
                return "\(name) \(phone.address) \(phone.socket) \(wall + end.nanoseconds(since: now) / 1_000_000_000)"
            }.sorted()
        }
    }

    /// Takes in what ``lines(_:wall:)`` gave an earlier process; what is over by now, and what is no such line, is left out.
    ///
    /// - Returns: how many there were.
    func load(_ lines: [Substring], _ now: MonotonicTime, wall: Int64) -> Int {
        self.state.withLock { state in
            var count = 0
            for line in lines {
                let words = line.split(separator: " ")
                guard words.count == 4, state.phones.count < Self.limit, words[0].utf8.count.isMultiple(of: 2),
                    let address = SocketAddress(words[1], defaultPort: 5060), let socket = UInt16(words[2]),
                    let end = Int64(words[3]), end > wall, end - wall <= Self.longestCall
                else { continue }
                let digits = Array(words[0].utf8).map { ASCII.hexValue($0) }
                var callID: [UInt8] = []
                for place in stride(from: 0, to: digits.count, by: 2) {
                    guard let high = digits[place], let low = digits[place + 1] else { break }
                    callID.append(high << 4 | low)
                }
                guard callID.count == digits.count / 2, !callID.isEmpty else { continue }
                let phone = Phone(address: address, socket: socket)
                state.phones[callID] = phone
                state.reasons[phone, default: [:]][callID] = now.adding(milliseconds: (end - wall) * 1_000)
                Self.schedule(phone, now, within: self.seconds, spread: true, &state)
                count += 1
            }
            return count
        }
    }

    private static func forget(_ callID: [UInt8], _ state: inout State, for phone: Phone? = nil) {
        guard let old = state.phones[callID], old != phone else { return }
        state.phones[callID] = nil
        state.reasons[old]?[callID] = nil
        if state.reasons[old]?.isEmpty == true { state.reasons[old] = nil }
    }

    private static func schedule(
        _ phone: Phone, _ now: MonotonicTime, within seconds: Int, spread: Bool, _ state: inout State
    ) {
        guard state.scheduled.insert(phone).inserted else { return }
        let tenths = Int64(seconds) * 10
        let wait = spread ? 1 + Int64(UInt(bitPattern: phone.hashValue) % UInt(Swift.max(1, tenths))) : tenths
        let turn = now.nanoseconds / 100_000_000 + wait
        state.turns[turn, default: []].append(phone)
    }

    /// Those whose turn it is; their next one is an interval later.
    func due(_ now: MonotonicTime) -> [Phone] {
        self.state.withLock { state in
            let turn = now.nanoseconds / 100_000_000
            var due: [Phone] = []
            for place in state.turns.keys.filter({ $0 <= turn }) {
                for phone in state.turns.removeValue(forKey: place) ?? [] {
                    state.scheduled.remove(phone)
                    guard var reasons = state.reasons[phone] else { continue }
                    for (callID, end) in reasons where end <= now {
                        reasons[callID] = nil
                        state.phones[callID] = nil
                    }
                    state.reasons[phone] = reasons.isEmpty ? nil : reasons
                    guard !reasons.isEmpty else { continue }
                    due.append(phone)
                    Self.schedule(phone, now, within: self.seconds, spread: false, &state)
                }
            }
            return due
        }
    }
}
