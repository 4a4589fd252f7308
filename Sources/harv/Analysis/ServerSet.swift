import SIPKit

/// The addresses of the server whose traffic this is: few, and asked about for every message, so they are compared one
/// by one as long as they are few.
struct ServerSet: Sendable, Equatable, Codable {
    /// The only one, as nearly always.
    private let one: SocketAddress?
    private let few: [SocketAddress]
    private let many: Set<SocketAddress>
    private static let fewLimit = 6

    init(_ addresses: [SocketAddress] = []) {
        let all = Set(addresses)
        self.one = all.count == 1 ? all.first : nil
        self.few = all.count <= Self.fewLimit ? Array(all) : []
        self.many = all.count <= Self.fewLimit ? [] : all
    }

    var isEmpty: Bool { self.few.isEmpty && self.many.isEmpty }

    @inline(__always)
    func contains(_ address: SocketAddress) -> Bool {
        if let one { return one.ip.low == address.ip.low && one.port == address.port && one == address }
        for own in self.few where own.ip.low == address.ip.low && own.port == address.port && own == address {
            return true
        }
        return !self.many.isEmpty && self.many.contains(address)
    }

    func contains(where matches: (SocketAddress) -> Bool) -> Bool {
        self.few.contains(where: matches) || self.many.contains(where: matches)
    }
}
