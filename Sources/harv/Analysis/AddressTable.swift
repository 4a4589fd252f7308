import SIPKit
import SIPTrace

/// Something for each address, in the order in which the addresses came; looked up by a keyed hash of the address.
struct AddressTable<Value: Sendable>: Sendable {
    private(set) var addresses: [SocketAddress] = []
    private var values: [Value] = []
    private var places = KeyTable<Int32>()
    private var seed = UInt64.random(in: 1...UInt64.max)

    var count: Int { self.addresses.count }

    @inline(__always)
    private func key(_ address: SocketAddress) -> UInt64 {
        var hash = IdentityHash(seed: self.seed)
        hash.mix(address)
        return hash.value
    }

    @inline(__always)
    func place(of address: SocketAddress) -> Int? { self.places[self.key(address)].map { Int($0) } }
    func place(of address: IPAddress) -> Int? { self.place(of: SocketAddress(address, 0)) }

    /// The place of an address, which gets one when it has none yet.
    ///
    /// - Returns: `nil` for a new address when there are as many as `limit` already.
    @inline(__always)
    mutating func place(
        of address: SocketAddress, limit: Int, new: @autoclosure () -> Value
    ) -> Int? {
        let key = self.key(address)
        if let known = self.places[key] { return Int(known) }
        guard self.addresses.count < limit else { return nil }
        let place = self.addresses.count
        self.places[key] = Int32(truncatingIfNeeded: place)
        self.addresses.append(address)
        self.values.append(new())
        return place
    }

    /// What belongs to a place that ``place(of:limit:new:)`` gave.
    subscript(place: Int) -> Value {
        _read { yield self.values[place] }
        _modify { yield &self.values[place] }
    }

    subscript(address: SocketAddress) -> Value? { self.place(of: address).map { self.values[$0] } }
    subscript(address: IPAddress) -> Value? { self[SocketAddress(address, 0)] }

    /// All of it, in the order of coming.
    var all: [(address: SocketAddress, value: Value)] { Array(zip(self.addresses, self.values)) }
}

extension AddressTable: Codable where Value: Codable {}
