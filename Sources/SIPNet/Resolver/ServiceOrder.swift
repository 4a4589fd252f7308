/// The order in which SRV records are tried (RFC 2782).
public enum ServiceOrder {
    /// By priority; among equals by lot, where a weight twice as large comes first twice as often.
    public static func sorted<Entry, Random: RandomNumberGenerator>(
        _ entries: [Entry], priority: (Entry) -> UInt16, weight: (Entry) -> UInt16, using random: inout Random
    ) -> [Entry] {
        var result: [Entry] = []
        for level in Set(entries.map(priority)).sorted() {
            // Those without weight stand first and so have a small chance beside the others.
            let equals = entries.filter { priority($0) == level }
            var rest = equals.filter { weight($0) == 0 } + equals.filter { weight($0) > 0 }
            while !rest.isEmpty {
                let sum = rest.reduce(0) { $0 + Int(weight($1)) }
                let lot = Int.random(in: 0...sum, using: &random)
                var running = 0
                let place = rest.firstIndex { entry in
                    running += Int(weight(entry))
                    return running >= lot
                }
                result.append(rest.remove(at: place ?? 0))
            }
        }
        return result
    }
}
