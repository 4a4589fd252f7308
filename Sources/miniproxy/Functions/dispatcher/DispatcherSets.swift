import SIPKit
import Synchronization

/// The destinations among which requests are shared: a file with lines `SET URI`, comments behind `#`
/// (DATABASE.md, `dispatcher`).
final class DispatcherSets: Sendable {
    private let sets: Mutex<[Int: [[UInt8]]]>
    private let file: String
    private let read: @Sendable (String) -> [UInt8]?
    /// Whose turn it is, by set.
    private let turns = Mutex<[Int: Int]>([:])
    let usesDefault: Bool
    let attribute: AttributeList.Name

    static let none = DispatcherSets()

    private init() {
        self.sets = Mutex([:])
        self.file = ""
        self.read = { _ in nil }
        self.usesDefault = false
        self.attribute = .text([])
    }

    /// Reads the file that the script names.
    ///
    /// - Parameter read: the bytes of a file, `nil` where there is none.
    /// - Throws: ``StoreError`` `.misconfigured` with file and line of what is no destination.
    init(_ script: CheckedScript, read: @escaping @Sendable (String) -> [UInt8]?) throws(StoreError) {
        let values = ModuleValues(script: script)
        self.usesDefault = values.isSet("dispatcher", "use_default")
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
        let new = try Self.parse(bytes, self.file)
        self.sets.withLock { $0 = new }
        return new.values.reduce(0) { $0 + $1.count }
    }

    /// Set and URI of each destination, in order.
    var all: [(set: Int, uri: [UInt8])] {
        let sets = self.sets.withLock { $0 }
        return sets.keys.sorted().flatMap { set in (sets[set] ?? []).map { (set, $0) } }
    }

    static func parse(_ bytes: [UInt8], _ file: String) throws(StoreError) -> [Int: [[UInt8]]] {
        var sets: [Int: [[UInt8]]] = [:]
        for (place, line) in bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != UInt8(ascii: "#") }.split { ASCII.isLWS($0) }.map { Array($0) }
            guard !words.isEmpty else { continue }
            guard words.count >= 2, let set = Self.number(words[0]), Self.isTarget(words[1]) else {
                throw StoreError(
                    .misconfigured,
                    "\(file):\(place + 1): expected a set and a URI, as \"1 sip:192.0.2.9:5060\", found \"\(Printable.text(line))\""
                )
            }
            sets[set, default: []].append(words[1])
        }
        return sets
    }

    private static func number(_ text: [UInt8]) -> Int? {
        ASCII.number(text.span, ByteRange(0, text.count), limit: UInt64(Int32.max)).map { Int($0) }
    }

    private static func isTarget(_ text: [UInt8]) -> Bool {
        (try? URIRanges(parsing: text.span, ByteRange(0, text.count)))?.isSIP == true
    }

    /// The destinations of a set, the chosen one first, then those that come after it.
    ///
    /// - Parameter hash: of what decides; `nil` for one after the other.
    func choose(_ set: Int, hash: UInt64?) -> [[UInt8]] {
        guard let all = self.sets.withLock({ $0[set] }), !all.isEmpty else { return [] }
        let isSpare = self.usesDefault && all.count > 1
        let shared = isSpare ? Array(all.dropLast()) : all
        let count = UInt64(shared.count)
        let place: Int
        if let hash {
            place = Int(hash % count)
        } else {
            place = self.turns.withLock { turns in
                let turn = turns[set] ?? 0
                turns[set] = (turn + 1) % shared.count
                return turn
            }
        }
        return shared[place...] + shared[..<place] + (isSpare ? all.suffix(1) : [])
    }

    /// FNV-1a: the same for the same text in every process, so that a user stays with a server over restarts.
    static func hash(_ text: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        // The low bits of a short text alone would favour some places.
        return hash ^ hash >> 32
    }
}
