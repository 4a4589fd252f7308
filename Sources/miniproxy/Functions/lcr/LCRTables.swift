import Glibc
import SIPKit
import Synchronization

/// The gateways and which numbers they are for, kept in memory: SER's tables `gw` and `lcr`, or Kamailio's `lcr_gw`,
/// `lcr_rule` and `lcr_rule_target` (DATABASE.md, `lcr`).
final class LCRTables: Sendable {
    /// A place where calls can be sent to.
    struct Gateway: Sendable, Equatable {
        var list = 0
        var host: [UInt8] = []
        var port: UInt16?
        var isSecure = false
        var transport: TransportProtocol?
        /// Digits that the number loses, and what it gets in front.
        var strip = 0
        var prefix: [UInt8] = []
        var parameters: [UInt8] = []

        var address: IPAddress? { IPAddress(parsing: self.host.span, ByteRange(0, self.host.count)) }

        func uri(for number: [UInt8]) -> [UInt8] {
            var uri = Array((self.isSecure ? "sips:" : "sip:").utf8)
            uri += self.prefix + number.dropFirst(self.strip) + [ASCII.at]
            if let address { uri.append(host: address) } else { uri += self.host }
            if let port {
                uri.append(ASCII.colon)
                uri.append(decimal: UInt64(port))
            }
            uri += self.parameters
            if let transport, transport != .udp {
                uri.append(";transport=" as StaticString)
                uri.append(transport.parameterName)
            }
            return uri
        }
    }

    /// Which numbers, of which callers, go to which gateways.
    struct Rule: Sendable {
        var list = 0
        var prefix: [UInt8] = []
        /// Of SER: SQL's LIKE.
        var fromLike: [UInt8]?
        /// Of Kamailio: expressions.
        var from: PatternMatcher?
        var request: PatternMatcher?
        var stops = false
        var targets: [(gateway: Gateway, priority: Int, weight: Int)] = []
    }

    static let newGateways = Array("lcr_gw".utf8)
    static let newRules = Array("lcr_rule".utf8)
    static let newTargets = Array("lcr_rule_target".utf8)
    static let gatewayColumns = LCRTables.names(
        "id", "lcr_id", "ip_addr", "hostname", "port", "params", "uri_scheme", "transport", "strip", "prefix", "defunct"
    )
    static let ruleColumns = LCRTables.names(
        "id", "lcr_id", "prefix", "from_uri", "request_uri", "stopper", "enabled")
    static let targetColumns = LCRTables.names("rule_id", "gw_id", "priority", "weight")

    private static let transports: [Int: TransportProtocol] = [1: .udp, 2: .tcp, 3: .tls]

    private static func names(_ names: String...) -> [[UInt8]] { names.map { Array($0.utf8) } }

    private struct Kept: Sendable {
        var gateways: [Gateway] = []
        var rules: [Rule] = []
    }
    private let settings: LCRSettings
    private let kept: Mutex<Kept>

    /// - Throws: ``StoreError`` for tables that cannot be read.
    init(_ settings: LCRSettings, in store: any Store) throws(StoreError) {
        self.settings = settings
        self.kept = Mutex(try Self.read(settings, store))
    }

    /// Reads the tables again.
    ///
    /// - Returns: how many gateways there are.
    func reload(_ store: any Store) throws(StoreError) -> Int {
        let new = try Self.read(self.settings, store)
        self.kept.withLock { $0 = new }
        return new.gateways.count
    }

    // MARK: Reading

    private static func read(_ settings: LCRSettings, _ store: any Store) throws(StoreError) -> Kept {
        try store.columns(of: settings.ruleTable) != nil ? Self.readOld(settings, store) : Self.readNew(store)
    }

    private static func number(_ text: [UInt8]) -> Int? { Int(String(decoding: text, as: UTF8.self)) }

    private static func readOld(_ settings: LCRSettings, _ store: any Store) throws(StoreError) -> Kept {
        let gateways = try store.rows(
            TableQuery(table: settings.gatewayTable, columns: Self.names("ip_addr", "port", "grp_id"))
        ).texts
        let rules = try store.rows(
            TableQuery(table: settings.ruleTable, columns: Self.names("prefix", "from_uri", "grp_id", "priority"))
        ).texts
        var kept = Kept()
        var groups: [Int: [Gateway]] = [:]
        for row in gateways where row.count == 3 {
            guard let host = Self.oldAddress(row[0]) else { continue }
            let port = Self.number(row[1]).flatMap { UInt16(exactly: $0) }
            let gateway = Gateway(host: host, port: port == 0 ? nil : port)
            kept.gateways.append(gateway)
            groups[Self.number(row[2]) ?? 0, default: []].append(gateway)
        }
        for row in rules where row.count == 4 {
            let priority = Self.number(row[3]) ?? 0
            kept.rules.append(
                Rule(
                    prefix: row[0], fromLike: row[1],
                    targets: (groups[Self.number(row[2]) ?? 0] ?? []).map { ($0, priority, 1) }))
        }
        return kept
    }

    /// SER's column is a number, the address in the order of the network as a little-endian machine reads it; people also
    /// write the address.
    private static func oldAddress(_ text: [UInt8]) -> [UInt8]? {
        if text.contains(ASCII.dot) || text.contains(ASCII.colon) {
            return IPAddress(parsing: text.span, ByteRange(0, text.count)) == nil ? nil : text
        }
        guard let number = Self.number(text).flatMap({ UInt32(exactly: $0) }) else { return nil }
        return Array(String(describing: IPAddress(v4: number.byteSwapped)).utf8)
    }

    private static func readNew(_ store: any Store) throws(StoreError) -> Kept {
        let gateways = try store.rows(TableQuery(table: Self.newGateways, columns: Self.gatewayColumns)).texts
        let rules = try store.rows(TableQuery(table: Self.newRules, columns: Self.ruleColumns)).texts
        let targets = try store.rows(TableQuery(table: Self.newTargets, columns: Self.targetColumns)).texts
        var kept = Kept()
        var byID: [Int: Gateway] = [:]
        for row in gateways where row.count == Self.gatewayColumns.count {
            // `defunct` is the second since 1970 until which the gateway is out of use.
            let isDefunct = (Self.number(row[10]) ?? 0) > time(nil)
            let host = row[2].isEmpty ? row[3] : row[2]
            guard let id = Self.number(row[0]), !host.isEmpty, !isDefunct else { continue }
            let gateway = Gateway(
                list: Self.number(row[1]) ?? 0, host: host, port: Self.number(row[4]).flatMap { UInt16(exactly: $0) },
                isSecure: Self.number(row[6]) == 2,
                transport: Self.transports[Self.number(row[7]) ?? 0],
                strip: Swift.max(0, Self.number(row[8]) ?? 0), prefix: row[9], parameters: row[5])
            byID[id] = gateway
            kept.gateways.append(gateway)
        }
        var byRule: [Int: [(Gateway, Int, Int)]] = [:]
        for row in targets where row.count == Self.targetColumns.count {
            guard let rule = Self.number(row[0]), let gateway = Self.number(row[1]).flatMap({ byID[$0] }) else {
                continue
            }
            let weight = Swift.max(1, Self.number(row[3]) ?? 1)
            byRule[rule, default: []].append((gateway, Self.number(row[2]) ?? 0, weight))
        }
        for row in rules where row.count == Self.ruleColumns.count && Self.number(row[6]) != 0 {
            guard let id = Self.number(row[0]) else { continue }
            kept.rules.append(
                Rule(
                    list: Self.number(row[1]) ?? 0, prefix: row[2], from: try Self.pattern(row[3], "from_uri"),
                    request: try Self.pattern(row[4], "request_uri"), stops: Self.number(row[5]) == 1,
                    targets: byRule[id] ?? []))
        }
        return kept
    }

    private static func pattern(_ text: [UInt8], _ column: String) throws(StoreError) -> PatternMatcher? {
        guard !text.isEmpty else { return nil }
        do throws(PatternError) {
            return try PatternMatcher(extended: text, [])
        } catch {
            throw StoreError(.misconfigured, "lcr_rule: \(column) \"\(Printable.text(text))\": \(error)")
        }
    }

    // MARK: Asking

    /// The gateways for a number, the first to be tried first.
    ///
    /// - Parameter chance: what decides among equals: the same call finds the same order.
    func gateways(for number: [UInt8], from: [UInt8], uri: [UInt8], list: Int, chance: KeyedHash) -> [Gateway] {
        var rules = self.kept.withLock { kept in
            kept.rules.filter { rule in
                rule.list == list && number.starts(with: rule.prefix)
                    && (rule.fromLike.map { $0.isEmpty || Self.isLike(from, $0) } ?? true)
                    && (rule.from.map { $0.matches(from.span) } ?? true)
                    && (rule.request.map { $0.matches(uri.span) } ?? true)
            }
        }
        rules.sort { $0.prefix.count > $1.prefix.count }
        if let stop = rules.firstIndex(where: \.stops) {
            // Others of the same length still count.
            let length = rules[stop].prefix.count
            rules.removeAll { $0.prefix.count < length }
        }
        var choices: [(length: Int, priority: Int, luck: Double, gateway: Gateway)] = []
        for rule in rules {
            for target in rule.targets {
                var hash = chance
                hash.combine(UInt64(choices.count))
                // The greater the weight, the smaller the number (Efraimidis and Spirakis).
                let share = (Double(hash.value.high >> 11) + 1) / Double(UInt64(1) << 53)
                choices.append(
                    (rule.prefix.count, target.priority, -Glibc.log(share) / Double(target.weight), target.gateway))
            }
        }
        choices.sort { left, right in
            if left.length != right.length { return left.length > right.length }
            return left.priority != right.priority ? left.priority < right.priority : left.luck < right.luck
        }
        var found: [Gateway] = []
        for choice in choices where !found.contains(choice.gateway) && found.count < Self.limit {
            found.append(choice.gateway)
        }
        return found
    }

    /// How many gateways a call may try.
    private static let limit = 32

    /// Whether an address, or a host name, is a gateway's.
    func contains(_ host: [UInt8], list: Int) -> Bool {
        let address = IPAddress(parsing: host.span, ByteRange(0, host.count))
        return self.kept.withLock { kept in
            kept.gateways.contains { gateway in
                guard gateway.list == list else { return false }
                if let address { return gateway.address == address }
                return gateway.host.map(ASCII.lowercased) == host.map(ASCII.lowercased)
            }
        }
    }

    /// SQL's LIKE, in either case: `%` is any text, `_` any character.
    static func isLike(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (at, place) = (0, 0)
        var (star, mark) = (-1, 0)
        while at < text.count {
            if place < pattern.count, pattern[place] == ASCII.percent {
                star = place
                mark = at
                place += 1
            } else if place < pattern.count,
                pattern[place] == UInt8(ascii: "_")
                    || ASCII.lowercased(pattern[place]) == ASCII.lowercased(text[at])
            {
                at += 1
                place += 1
            } else if star >= 0 {
                place = star + 1
                mark += 1
                at = mark
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == ASCII.percent }
    }
}
