import SIPKit

/// One kind of message counted five ways: as packets, as messages, what makes the difference, and what users saw.
struct Tally: Sendable, Equatable, Codable {
    /// All that stand in the trace, duplicates of the capture left out.
    var raw = 0
    /// Messages seen for the first time.
    var unique = 0
    /// Copies that a server passed on.
    var relayed = 0
    /// Sent again by the same sender.
    var repeated = 0
    /// What the users' side saw (``EdgeCounter``); 0 where that was not asked for.
    var edge = 0

    @inline(__always)
    mutating func add(_ kind: ExchangeRecord.Kind) {
        switch kind {
        case .first: self.unique += 1
        case .relayed: self.relayed += 1
        case .repeated: self.repeated += 1
        case .duplicate: return
        }
        self.raw += 1
    }

    mutating func add(_ other: Tally) {
        self.raw += other.raw
        self.unique += other.unique
        self.relayed += other.relayed
        self.repeated += other.repeated
        self.edge += other.edge
    }

    func count(_ counting: Counting) -> Int {
        switch counting {
        case .raw: self.raw
        case .unique: self.unique
        case .edge: self.edge
        }
    }

    /// The columns that tables have: their names and numbers.
    func columns(_ counting: Counting) -> [(name: String, count: Int)] {
        let usual = [
            ("raw", self.raw), ("unique", self.unique), ("relayed", self.relayed), ("repeated", self.repeated),
        ]
        return counting == .edge ? usual + [("edge", self.edge)] : usual
    }
}

/// The messages of a trace by method and by status code.
struct MessageCounts: Sendable, Equatable, Codable {
    private var byMethod = [Tally](repeating: Tally(), count: SIPMethod.allCases.count)
    private var byCode = [Tally](repeating: Tally(), count: 700)
    /// Replies by code and by the method they answer: for each code that occurs its row in the table.
    private var rows = [UInt16](repeating: 0, count: 700)
    private var byCodeAndMethod: [Tally] = []
    /// Methods that nobody here knows, by their text; at most ``maxOtherMethods``, the rest under "(others)".
    private(set) var otherMethods: [String: Tally] = [:]
    /// Packets that the capture has twice.
    var duplicates = 0
    /// Messages that are not SIP: their start line cannot be read.
    var malformed = 0
    /// Messages that lack a mandatory header.
    var incomplete = 0

    static let maxOtherMethods = 64

    @inline(__always)
    mutating func addRequest(_ method: SIPMethod, _ kind: ExchangeRecord.Kind) {
        self.byMethod[Int(method.rawValue)].add(kind)
        if kind == .duplicate { self.duplicates += 1 }
    }

    mutating func addOther(_ name: String, _ kind: ExchangeRecord.Kind) {
        let key = self.otherMethods[name] != nil || self.otherMethods.count < Self.maxOtherMethods ? name : "(others)"
        self.otherMethods[key, default: Tally()].add(kind)
    }

    @inline(__always)
    mutating func addResponse(_ code: Int, _ kind: ExchangeRecord.Kind, to method: SIPMethod) {
        if kind == .duplicate { self.duplicates += 1 }
        guard code >= 100, code < 700 else { return }
        self.byCode[code].add(kind)
        if self.rows[code] == 0 { self.addRow(code) }
        self.byCodeAndMethod[(Int(self.rows[code]) - 1) * Self.methods + Int(method.rawValue)].add(kind)
    }

    // MARK: The edge

    mutating func addEdge(request method: SIPMethod) { self.byMethod[Int(method.rawValue)].edge += 1 }

    mutating func addEdge(other name: String) {
        let key = self.otherMethods[name] != nil || self.otherMethods.count < Self.maxOtherMethods ? name : "(others)"
        self.otherMethods[key, default: Tally()].edge += 1
    }

    mutating func addEdge(response code: Int, to method: SIPMethod) {
        guard code >= 100, code < 700 else { return }
        self.byCode[code].edge += 1
        if self.rows[code] == 0 { self.addRow(code) }
        self.byCodeAndMethod[(Int(self.rows[code]) - 1) * Self.methods + Int(method.rawValue)].edge += 1
    }

    /// Adds what was counted elsewhere.
    mutating func add(_ other: MessageCounts) {
        for place in self.byMethod.indices { self.byMethod[place].add(other.byMethod[place]) }
        for code in 100..<700 where other.rows[code] != 0 {
            self.byCode[code].add(other.byCode[code])
            if self.rows[code] == 0 { self.addRow(code) }
            let (own, their) = ((Int(self.rows[code]) - 1) * Self.methods, (Int(other.rows[code]) - 1) * Self.methods)
            for method in 0..<Self.methods {
                self.byCodeAndMethod[own + method].add(other.byCodeAndMethod[their + method])
            }
        }
        for (name, tally) in other.otherMethods {
            let isKnown = self.otherMethods[name] != nil || self.otherMethods.count < Self.maxOtherMethods
            self.otherMethods[isKnown ? name : "(others)", default: Tally()].add(tally)
        }
        self.duplicates += other.duplicates
        self.malformed += other.malformed
        self.incomplete += other.incomplete
    }

    private static let methods = SIPMethod.allCases.reduce(0) { max($0, Int($1.rawValue)) } + 1

    private mutating func addRow(_ code: Int) {
        self.byCodeAndMethod.append(contentsOf: repeatElement(Tally(), count: Self.methods))
        self.rows[code] = UInt16(self.byCodeAndMethod.count / Self.methods)
    }

    /// Replies with a code to a method.
    func reply(_ code: Int, to method: SIPMethod) -> Tally {
        guard code >= 100, code < 700, self.rows[code] != 0 else { return Tally() }
        return self.byCodeAndMethod[(Int(self.rows[code]) - 1) * Self.methods + Int(method.rawValue)]
    }

    func method(_ method: SIPMethod) -> Tally { self.byMethod[Int(method.rawValue)] }
    func code(_ code: Int) -> Tally { code >= 100 && code < 700 ? self.byCode[code] : Tally() }

    /// The codes that occur, in their order.
    var codes: [Int] { (100..<700).filter { self.byCode[$0].raw > 0 } }

    /// The methods that occur, the most frequent first.
    var methods: [(name: String, tally: Tally)] {
        let known = SIPMethod.allCases.filter { $0 != .other }.map { ("\($0.name)", self.method($0)) }
        let all = known + self.otherMethods.map { ($0.key, $0.value) }
        return all.filter { $0.1.raw > 0 }.sorted { ($1.1.raw, $0.0) < ($0.1.raw, $1.0) }
    }

    /// All codes of a hundred (1 for 1xx) together.
    func codeClass(_ hundreds: Int) -> Tally {
        var sum = Tally()
        for code in hundreds * 100..<hundreds * 100 + 100 { sum.add(self.code(code)) }
        return sum
    }

    var requests: Tally {
        var sum = Tally()
        for tally in self.byMethod { sum.add(tally) }
        return sum
    }

    var responses: Tally {
        var sum = Tally()
        for tally in self.byCode { sum.add(tally) }
        return sum
    }

    var all: Tally {
        var sum = self.requests
        sum.add(self.responses)
        return sum
    }
}

extension MessageCounts {
    /// - Parameter codes: by status code, of answers to whatever method.
    init(methods: [SIPMethod: Tally], codes: [UInt16: Tally]) {
        for (method, tally) in methods { self.byMethod[Int(method.rawValue)] = tally }
        for (code, tally) in codes where code >= 100 && code < 700 { self.byCode[Int(code)] = tally }
        if let others = methods[.other] { self.otherMethods["(others)"] = others }
    }
}
