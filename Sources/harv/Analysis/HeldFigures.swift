import SIPKit

/// The figures of a source that may turn out to guess passwords or to flood: kept apart from the first sign until the end,
/// when they go to all others or are left out.
struct HeldFigures: Sendable, Codable {
    var calls = CallFigures()
    var registrations = RegistrationFigures()
    var pings = PingFigures()
    var series = TimeSeries<Happenings>()
    var hourly: [Int64: Int] = [:]
    var agentCalls: [UInt32: CallTally] = [:]
    var groups: CallGroups?
    var callLines: [CallLine] = []
    /// Its share of what is counted for next hops at once: whether a host answers does not depend on who calls.
    var hops: [SocketAddress: NextHop] = [:]
    /// Whether it has had a second with more requests than ``NoiseSources/floodRate``.
    var isBusy = false
    /// When the first conversation of these began, and when the last one was judged.
    let since: Int64
    var lastTime: Int64

    init(since: Int64, groupedBy: CallGroups.Key?) {
        self.since = since
        self.lastTime = since
        self.groups = groupedBy.map { CallGroups($0) }
    }
}

/// The sources whose figures are held, by address; bounded.
struct SuspectTable: Sendable, Codable {
    private var held = AddressTable<HeldFigures>()
    private var lastSweep: Int64 = .min / 2
    static let maxSuspects = 500
    /// How long who was only refused stays a suspect when there are too many: as long as guesses are counted together.
    static let patience: Int64 = 600_000_000_000

    var isEmpty: Bool { self.held.count == 0 }
    var all: [(address: SocketAddress, value: HeldFigures)] { self.held.all }

    subscript(place: Int) -> HeldFigures {
        _read { yield self.held[place] }
        _modify { yield &self.held[place] }
    }

    func place(of address: IPAddress) -> Int? { self.held.place(of: address) }

    /// The place of a source, which gets one when it has none yet and there is room.
    mutating func place(of address: IPAddress, new: @autoclosure () -> HeldFigures) -> Int? {
        self.held.place(of: SocketAddress(address, 0), limit: Self.maxSuspects, new: new())
    }

    /// Lets go of those that have given no reason for as long as the patience lasts, when the table is full.
    ///
    /// - Parameter isGuilty: whether a source has shown itself already.
    /// - Returns: what was held of them.
    mutating func sweep(now: Int64, isGuilty: (IPAddress) -> Bool) -> [(address: IPAddress, figures: HeldFigures)] {
        // A table full of suspects that stay is not looked through for each new one.
        guard self.held.count >= Self.maxSuspects, now - self.lastSweep > Self.patience / 10 else { return [] }
        self.lastSweep = now
        var kept = AddressTable<HeldFigures>()
        var cleared: [(IPAddress, HeldFigures)] = []
        for (address, figures) in self.held.all {
            if figures.isBusy || isGuilty(address.ip) || now - figures.lastTime <= Self.patience {
                _ = kept.place(of: address, limit: Self.maxSuspects, new: figures)
            } else {
                cleared.append((address.ip, figures))
            }
        }
        self.held = kept
        return cleared
    }
}

/// A source that was left out of the figures: from when on, for which rules, and how much.
struct LeftOut: Sendable, Equatable, Codable {
    var address: IPAddress
    var rules: [String]
    var since: Int64
    var calls: Int
    var registrations: Int
    var pings: Int

    var tries: Int { self.calls + self.registrations + self.pings }

    /// For the foot of a page: `203.0.113.66 (S9) left out with 25 tries`.
    var note: String {
        "\(self.address) (\(self.rules.joined(separator: ", "))) left out with \(NumberText.grouped(self.tries)) tr\(self.tries == 1 ? "y" : "ies")"
    }
}
