import SIPKit

/// Addresses that only probe: known tools by their name, others by what they do. Their traffic is left out of the
/// figures about calls, registrations and devices, or a night of scanning would look like a broken server.
struct NoiseSources: Sendable, Codable {
    struct Source: Sendable, Equatable, Codable {
        var requests = 0
        var refused = 0
        var succeeded = 0
        var isTool = false
        var firstTime: Int64 = 0
        var lastTime: Int64 = 0
        var agent: UInt32 = 0
        /// Hashes of the users asked for, within one minute.
        var users: [UInt64] = []
        var windowStart: Int64 = 0
        var isScanner = false
        var allUsers = 0
        /// The most requests in one second.
        var peak = 0
        /// Seconds with more than ``floodRate`` requests.
        var busySeconds = 0
        fileprivate var second: Int64 = 0
        fileprivate var inSecond = 0
    }

    private(set) var sources = AddressTable<Source>()
    /// How many of them are scanners: most traces have none, and each message asks.
    private var scannerCount = 0
    /// How many have had a busy second.
    private var busyCount = 0
    /// Known tools, in lower case; matched anywhere in the User-Agent.
    static let tools = [
        "friendly-scanner", "sipvicious", "sipcli", "sundayddr", "vaxsipuseragent", "pplsip", "sip-scan",
    ]
    static let maxSources = 100_000
    /// Ten users asked for in a minute, and nine in ten refused (DIAGNOSIS S1; nine targets were seen of a test host).
    static let usersInAMinute = 10
    static let floodRate = 50

    static func isTool(_ text: [UInt8]) -> Bool {
        let lower = String(decoding: text.map(ASCII.lowercased), as: UTF8.self)
        return Self.tools.contains { lower.contains($0) } || lower == "custom"
    }

    @inline(__always)
    func isNoise(_ address: IPAddress) -> Bool {
        guard self.scannerCount > 0, let place = self.sources.place(of: address) else { return false }
        return self.sources[place].isScanner
    }

    /// What an address looks like so far.
    enum Standing { case ordinary, busy, scanner }

    @inline(__always)
    func standing(of address: IPAddress) -> Standing {
        guard self.scannerCount + self.busyCount > 0, let place = self.sources.place(of: address) else {
            return .ordinary
        }
        if self.sources[place].isScanner { return .scanner }
        return self.sources[place].busySeconds > 0 ? .busy : .ordinary
    }

    /// Notes a request from outside: whom it asks for, and by which program.
    mutating func request(from address: IPAddress, user: UInt64, agent: UInt32, isTool: Bool, time: Int64) {
        guard
            let place = self.sources.place(
                of: SocketAddress(address, 0), limit: Self.maxSources,
                new: Source(firstTime: time, windowStart: time))
        else { return }
        let (was, wasBusy) = (self.sources[place].isScanner, self.sources[place].busySeconds > 0)
        Self.request(&self.sources[place], user, agent, isTool, time)
        if !was, self.sources[place].isScanner { self.scannerCount += 1 }
        if !wasBusy, self.sources[place].busySeconds > 0 { self.busyCount += 1 }
    }

    private static func request(_ source: inout Source, _ user: UInt64, _ agent: UInt32, _ isTool: Bool, _ time: Int64)
    {
        source.requests += 1
        source.lastTime = time
        let second = time / 1_000_000_000
        source.inSecond = second == source.second ? source.inSecond + 1 : 1
        source.second = second
        source.peak = max(source.peak, source.inSecond)
        if source.inSecond == floodRate + 1 { source.busySeconds += 1 }
        if agent != 0 { source.agent = agent }
        if isTool {
            source.isTool = true
            source.isScanner = true
        }
        if time - source.windowStart > 60_000_000_000 {
            source.windowStart = time
            source.users.removeAll(keepingCapacity: true)
        }
        if source.users.count < 64, !source.users.contains(user) {
            source.users.append(user)
            source.allUsers += 1
        }
        Self.judge(&source)
    }

    /// Notes how a request was answered.
    mutating func answer(to address: IPAddress, status: Int) {
        guard let place = self.sources.place(of: address) else { return }
        let was = self.sources[place].isScanner
        switch status {
        case 401, 403, 404, 407: self.sources[place].refused += 1
        case 200..<300: self.sources[place].succeeded += 1
        default: break
        }
        Self.judge(&self.sources[place])
        if !was, self.sources[place].isScanner { self.scannerCount += 1 }
    }

    private static func judge(_ source: inout Source) {
        guard !source.isScanner, source.users.count >= usersInAMinute else { return }
        source.isScanner = source.refused * 10 > source.requests * 9 && source.succeeded == 0
    }

    /// Who sends far more than all others and gets little success, the most first; and the median of all peaks.
    ///
    /// Nobody stands out among fewer than three. A scanner is one until it has gone on for half a minute.
    ///
    /// - Parameter servers: these may send as much as they like.
    func floods(besides servers: [SocketAddress]) -> (sources: [(address: IPAddress, source: Source)], median: Int) {
        let all = self.sources.all
        let peaks = all.map(\.value.peak).sorted()
        guard peaks.count >= 3 else { return ([], 0) }
        let median = peaks[peaks.count / 2]
        let own = Set(servers.map(\.ip))
        let found = all.filter { address, source in
            source.busySeconds >= (source.isScanner ? 30 : 3) && source.peak > 10 * median
                && source.succeeded * 4 < source.requests && !own.contains(address.ip)
        }
        return (
            found.map { ($0.address.ip, $0.value) }.sorted {
                ($1.1.peak, "\($0.0)") < ($0.1.peak, "\($1.0)")
            }, median
        )
    }

    /// Whether behind an address somebody gets in: one request in ten at least succeeds.
    func hasSuccess(_ address: IPAddress) -> Bool {
        guard let source = self.sources[address] else { return false }
        return source.succeeded > 0 && source.succeeded * 10 >= source.requests
    }

    var scanners: [(address: IPAddress, source: Source)] {
        self.sources.all.filter(\.value.isScanner).map { ($0.address.ip, $0.value) }.sorted {
            $0.1.firstTime < $1.1.firstTime
        }
    }
}
