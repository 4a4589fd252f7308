import SIPKit
import Synchronization

/// The destinations among which requests are shared (DATABASE.md, `dispatcher`): from a file with lines `SET URI [FLAGS
/// [PRIORITY]]`, comments behind `#`, or from Kamailio's table.
final class DispatcherSets: Sendable {
    /// One of a set.
    struct Destination: Sendable, Equatable {
        let uri: [UInt8]
        /// Higher comes first.
        var priority = 0
        /// Taken out by hand: it gets nothing, and nobody asks how it is.
        var isDisabled = false
        /// It has not answered pings, or a script has said so.
        var isInactive = false
        /// Pings in a row that went against what is believed of it.
        var surprises = 0

        /// Kamailio's flags: 1 inactive, 4 disabled.
        init(_ uri: [UInt8], flags: Int = 0, priority: Int = 0) {
            self.uri = uri
            self.priority = priority
            self.isDisabled = flags & 4 != 0
            self.isInactive = flags & 1 != 0
        }

        var isUsable: Bool { !self.isDisabled && !self.isInactive }
        /// As Kamailio's lists show it: active, inactive or disabled; probed or not.
        var state: String { (self.isDisabled ? "D" : self.isInactive ? "I" : "A") + (self.isDisabled ? "X" : "P") }
    }

    private let sets: Mutex<[Int: [Destination]]>
    private let file: String
    private let read: @Sendable (String) -> [UInt8]?
    /// Whose turn it is, by set.
    private let turns = Mutex<[Int: Int]>([:])
    let settings: DispatcherSettings
    let attribute: AttributeList.Name

    static let none = DispatcherSets()

    private init() {
        self.sets = Mutex([:])
        self.file = ""
        self.read = { _ in nil }
        self.settings = DispatcherSettings()
        self.attribute = .text([])
    }

    /// Reads the file that the script names.
    ///
    /// - Parameter read: the bytes of a file, `nil` where there is none.
    /// - Throws: ``StoreError`` `.misconfigured` with file and line of what is no destination.
    init(_ script: CheckedScript, read: @escaping @Sendable (String) -> [UInt8]?) throws(StoreError) {
        let values = ModuleValues(script: script)
        self.settings = DispatcherSettings(values)
        let name = values.bytes("dispatcher", "dst_avp")
        self.attribute = name.isEmpty ? .text(Array("ds_dst".utf8)) : AttributeName(name).name
        self.file = script.modules.contains("dispatcher") ? values.text("dispatcher", "list_file") : ""
        self.read = read
        self.sets = Mutex([:])
        _ = try self.reload()
    }

    /// Reads the file again; a file with a fault changes nothing.
    ///
    /// - Returns: how many destinations there are; `nil` where the script names no file.
    func reload() throws(StoreError) -> Int? {
        guard !self.file.isEmpty else { return nil }
        guard let bytes = self.read(self.file) else {
            throw StoreError(.misconfigured, "\(self.file): the list of destinations of dispatcher cannot be read")
        }
        return self.replace(try Self.parse(bytes, self.file))
    }

    /// Takes rows of the table in: set, URI, flags and priority. A row that is none is told to the log and left out: a table
    /// has no line to correct before the next start.
    func load(_ rows: [[[UInt8]]], log: ProxyLog) -> Int {
        var sets: [Int: [Destination]] = [:]
        for row in rows where row.count == 4 {
            guard let set = Self.number(row[0]), Self.isTarget(row[1]) else {
                log(
                    -1,
                    "dispatcher: \(Printable.text(row[0])) \(Printable.text(row[1])) is no set and URI; it is left out")
                continue
            }
            sets[set, default: []].append(
                Destination(row[1], flags: Self.number(row[2]) ?? 0, priority: Self.number(row[3]) ?? 0))
        }
        return self.replace(Self.sorted(sets))
    }

    /// What is known of those that stay is kept.
    private func replace(_ new: [Int: [Destination]]) -> Int {
        self.sets.withLock { sets in
            var new = new
            for (set, destinations) in new {
                for (place, destination) in destinations.enumerated() where !destination.isInactive {
                    guard let old = sets[set]?.first(where: { $0.uri == destination.uri }) else { continue }
                    new[set]?[place].isInactive = old.isInactive
                    new[set]?[place].surprises = old.surprises
                }
            }
            sets = new
        }
        return new.values.reduce(0) { $0 + $1.count }
    }

    /// Each destination, in order.
    var all: [(set: Int, destination: Destination)] {
        let sets = self.sets.withLock { $0 }
        return sets.keys.sorted().flatMap { set in (sets[set] ?? []).map { (set, $0) } }
    }

    static func parse(_ bytes: [UInt8], _ file: String) throws(StoreError) -> [Int: [Destination]] {
        var sets: [Int: [Destination]] = [:]
        for (place, line) in bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != UInt8(ascii: "#") }.split { ASCII.isLWS($0) }.map { Array($0) }
            guard !words.isEmpty else { continue }
            guard words.count >= 2, let set = Self.number(words[0]), Self.isTarget(words[1]) else {
                throw StoreError(
                    .misconfigured,
                    "\(file):\(place + 1): expected a set and a URI, as \"1 sip:192.0.2.9:5060\", found \"\(Printable.text(line))\""
                )
            }
            sets[set, default: []].append(
                Destination(
                    words[1], flags: words.count > 2 ? Self.number(words[2]) ?? 0 : 0,
                    priority: words.count > 3 ? Self.number(words[3]) ?? 0 : 0))
        }
        return Self.sorted(sets)
    }

    /// The higher priorities first; those of one priority as they stand.
    private static func sorted(_ sets: [Int: [Destination]]) -> [Int: [Destination]] {
        sets.mapValues { list in
            list.enumerated().sorted { ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset) }
                .map(\.element)
        }
    }

    private static func number(_ text: [UInt8]) -> Int? {
        ASCII.number(text.span, ByteRange(0, text.count), limit: UInt64(Int32.max)).map { Int($0) }
    }

    private static func isTarget(_ text: [UInt8]) -> Bool {
        (try? URIRanges(parsing: text.span, ByteRange(0, text.count)))?.isSIP == true
    }

    // MARK: Choosing

    /// The destinations of a set that can be used, the chosen one first, then those that come after it.
    ///
    /// - Parameter hash: of what decides; `nil` for one after the other.
    func choose(_ set: Int, hash: UInt64?) -> [[UInt8]] {
        guard let all = self.sets.withLock({ $0[set] }) else { return [] }
        let isSpare = self.settings.usesDefault && all.count > 1
        let spare = isSpare ? all.suffix(1).filter(\.isUsable).map(\.uri) : []
        // A hash looks at all, so that nobody moves because another is away: whose place that was goes to the next.
        let shared = isSpare ? Array(all.dropLast()) : all
        guard shared.contains(where: \.isUsable) else { return spare }
        let count = UInt64(shared.count)
        let place: Int
        if let hash {
            place = Int(hash % count)
        } else {
            place = self.turns.withLock { turns in
                var turn = (turns[set] ?? 0) % shared.count
                while !shared[turn].isUsable { turn = (turn + 1) % shared.count }
                turns[set] = (turn + 1) % shared.count
                return turn
            }
        }
        return (shared[place...] + shared[..<place]).filter(\.isUsable).map(\.uri) + spare
    }

    /// FNV-1a: the same for the same text in every process, so that a user stays with a server over restarts.
    static func hash(_ text: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        // The low bits of a short text alone would favour some places.
        return hash ^ hash >> 32
    }

    // MARK: How they are

    /// The URIs that a ping is due for, each once: all, or those that are inactive (`ds_probing_mode`).
    var probed: [[UInt8]] {
        var uris: [[UInt8]] = []
        for (_, destination) in self.all
        where !destination.isDisabled && (self.settings.probesAll || destination.isInactive)
            && !uris.contains(destination.uri)
        {
            uris.append(destination.uri)
        }
        return uris
    }

    /// A ping was answered with this status, `nil` for not at all.
    ///
    /// - Returns: `true` where the destination is used again from now on, `false` where it is not any more; `nil` where
    ///   nothing has changed.
    func answered(_ uri: [UInt8], status: Int?) -> Bool? {
        let isGood = status.map(self.settings.isGood) ?? false
        return self.sets.withLock { sets in
            var change: Bool?
            for set in sets.keys {
                for place in (sets[set] ?? []).indices where sets[set]?[place].uri == uri {
                    guard var one = sets[set]?[place] else { continue }
                    if one.isInactive == isGood {
                        one.surprises += 1
                        let limit = isGood ? self.settings.goodLimit : self.settings.badLimit
                        if one.surprises >= limit {
                            one.isInactive = !isGood
                            one.surprises = 0
                            change = isGood
                        }
                    } else {
                        one.surprises = 0
                    }
                    sets[set]?[place] = one
                }
            }
            return change
        }
    }

    /// Says of a destination of a set what a script knows: `ds_mark_dst`.
    ///
    /// - Returns: whether there is such a one.
    func mark(_ set: Int, _ uri: [UInt8], isInactive: Bool) -> Bool {
        self.sets.withLock { sets in
            guard let place = sets[set]?.firstIndex(where: { $0.uri == uri }) else { return false }
            sets[set]?[place].isInactive = isInactive
            sets[set]?[place].surprises = 0
            return true
        }
    }
}
