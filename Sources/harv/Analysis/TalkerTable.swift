import SIPKit

/// Who began conversations, by address: bounded, with the rest under one number.
struct TalkerTable: Sendable, Codable {
    struct Talker: Sendable, Equatable, Codable {
        var conversations = 0
        var messages = 0
        var calls = 0
        var registrations = 0
        var refused = 0
        var isNoise = false
    }

    private(set) var talkers = AddressTable<Talker>()
    /// Conversations of addresses that did not fit any more.
    private(set) var others = 0
    static let maxTalkers = 50_000

    mutating func note(_ address: IPAddress, _ change: (inout Talker) -> Void) {
        guard let place = self.talkers.place(of: SocketAddress(address, 0), limit: Self.maxTalkers, new: Talker())
        else {
            self.others += 1
            return
        }
        change(&self.talkers[place])
    }

    /// Those with the most messages first.
    var sorted: [(address: IPAddress, talker: Talker)] {
        self.talkers.all.map { ($0.address.ip, $0.value) }.sorted {
            ($1.1.messages, "\($0.0)") < ($0.1.messages, "\($1.0)")
        }
    }
}
